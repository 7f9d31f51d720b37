from django.urls import path

from . import views

app_name = "enrollment"
urlpatterns = [
    path("", views.work, name="work"),
    path("<int:pk>", views.decide, name="decide"),
    path("ramed", views.ramed_migrations, name="ramed"),
    path("ramed/model/<slug:form>", views.ramed_model, name="ramed_model"),
    path("ramed/queue", views.ramed_queue, name="ramed_queue"),
    path("ramed/queue/<int:pk>", views.ramed_row, name="ramed_row"),
    path("ramed/<int:pk>", views.ramed_migration, name="ramed_migration"),
    path("ramed/<int:pk>/progress", views.ramed_progress, name="ramed_progress"),
    path("ramed/<int:pk>/retry", views.retry_ramed, name="retry_ramed"),
    path("ramed/<int:pk>/refused", views.ramed_refused, name="ramed_refused"),
]
