from django.urls import path

from . import views

app_name = "enrollment"
urlpatterns = [
    path("", views.work, name="work"),
    path("coming", views.coming, name="coming"),
    path("directions", views.directions, name="directions"),
    path("<int:pk>", views.decide, name="decide"),
]
