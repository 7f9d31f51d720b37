from django.urls import path

from . import views

app_name = "households"

urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("deliveries/", views.deliveries, name="deliveries"),
    path("imports/<int:pk>/", views.importing, name="import"),
    path("imports/<int:pk>/progress", views.import_progress, name="import_progress"),
    path("imports/<int:pk>/refused", views.refused_file, name="refused_file"),
    path("imports/<int:pk>/retry", views.retry_import, name="retry_import"),
    path("imports/model/<slug:kind>/<slug:form>", views.import_model, name="import_model"),
    path("names", views.suggest_names, name="suggest_names"),
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
    path("register/<uuid:token>/people/<slug:key>/alike", views.alike, name="alike"),
    path("register/<uuid:token>/people/<slug:key>/claim", views.claim, name="claim"),
    path("register/<uuid:token>/left", views.left, name="left"),
    path("register/<uuid:token>/not-same", views.not_same, name="not_same"),
    path("register/<uuid:token>/<slug:section>", views.draft, name="draft"),
    path("evidence/<uuid:piece>", views.read_evidence, name="read_evidence"),
]
