from django.urls import path

from . import views

app_name = "enrollment"
urlpatterns = [
    path("", views.work, name="work"),
    path("<int:pk>", views.decide, name="decide"),
]
