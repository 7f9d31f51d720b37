from django.urls import path

from . import views

app_name = "households"

urlpatterns = [
    path("names", views.suggest_names, name="suggest_names"),
    path("register", views.register, name="register"),
    path("register/<uuid:token>/", views.summary, name="summary"),
    path("register/<uuid:token>/discard", views.discard, name="discard"),
    path("register/<uuid:token>/people/add", views.add_person, name="add_person"),
    path("register/<uuid:token>/people/<slug:key>", views.person, name="person"),
    path("register/<uuid:token>/people/<slug:key>/remove", views.remove_person, name="remove_person"),
    path("register/<uuid:token>/<slug:section>", views.draft, name="draft"),
]
