from django.urls import path

from . import views

app_name = "enrollment"
urlpatterns = [
    path("", views.work, name="work"),
    path("waiting", views.waiting, name="waiting"),
    path("holds/<int:pk>/settle", views.settle_hold, name="settle_hold"),
    path("batches/", views.batches, name="batches"),
    path("batches/new", views.new_batch, name="new_batch"),
    path("batches/<int:pk>", views.batch, name="batch"),
    path("batches/<int:pk>/progress", views.batch_progress, name="batch_progress"),
    path("batches/<int:pk>/sign", views.sign_batch, name="sign_batch"),
    path("batches/<int:pk>/reject", views.reject_batch, name="reject_batch"),
    path("batches/<int:pk>/retry", views.retry_batch, name="retry_batch"),
    path("messages/", views.messages, name="messages"),
    path("messages/<int:pk>/resend", views.resend, name="resend"),
    path("messages/household/<str:code>", views.household_messages, name="household_messages"),
    path("messages/receipt", views.receipt, name="receipt"),
    path("<int:pk>", views.decide, name="decide"),
]
