from django.urls import path

from . import views

app_name = "eligibility"
urlpatterns = [
    path("", views.policy, name="policy"),
    path("propose", views.propose, name="propose"),
    path("proposals/<int:pk>", views.proposal, name="proposal"),
    path("proposals/<int:pk>/approve", views.approve, name="approve"),
    path("proposals/<int:pk>/reject", views.reject, name="reject"),
    path("runs", views.runs, name="runs"),
    path("runs/<int:pk>", views.run, name="run"),
    path("runs/<int:pk>/progress", views.run_progress, name="run_progress"),
    path("runs/<int:pk>/retry", views.retry, name="retry"),
]
