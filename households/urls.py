from django.urls import path

from . import views

app_name = "households"

urlpatterns = [
    path("register", views.register, name="register"),
    path("register/<uuid:token>/", views.summary, name="summary"),
    path("register/<uuid:token>/resume", views.resume, name="resume"),
    path("register/<uuid:token>/presence", views.presence, name="presence"),
    path("register/<uuid:token>/discard", views.discard, name="discard"),
    path("register/<uuid:token>/evidence", views.evidence, name="evidence"),
    path("register/<uuid:token>/evidence/<uuid:piece>/remove", views.remove_evidence, name="remove_evidence"),
    path("register/<uuid:token>/people/add", views.add_person, name="add_person"),
    path("register/<uuid:token>/people/<slug:key>", views.person, name="person"),
    path("register/<uuid:token>/people/<slug:key>/remove", views.remove_person, name="remove_person"),
    path("register/<uuid:token>/<slug:section>", views.draft, name="draft"),
    path("evidence/<uuid:piece>", views.read_evidence, name="read_evidence"),
]
