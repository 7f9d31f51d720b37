from django.urls import path

from . import views

app_name = "eligibility"
urlpatterns = [
    path("", views.policy, name="policy"),
    path("formula", views.formula, name="formula"),
    path("formula.toml", views.formula_file, name="formula_file"),
    path("changes", views.compare, name="changes"),
    path("history/<str:key>", views.history, name="history"),
    path("propose", views.propose, name="propose"),
    path("proposals/<int:pk>", views.proposal, name="proposal"),
    path("proposals/<int:pk>/formula.toml", views.proposal_file, name="proposal_file"),
    path("proposals/<int:pk>/approve", views.approve, name="approve"),
    path("proposals/<int:pk>/reject", views.reject, name="reject"),
    path("proposals/<int:pk>/rehearse", views.rehearse, name="rehearse"),
    path("proposals/<int:pk>/rehearsal", views.rehearsal_progress, name="rehearsal_progress"),
    path("rehearsals/<int:pk>", views.rehearsal, name="rehearsal"),
    path("rehearsals/<int:pk>/families/<int:family>", views.losing_family, name="losing_family"),
    path("simulate", views.simulate, name="simulate"),
    path("simulate/at", views.simulate_at, name="simulate_at"),
    path("runs", views.runs, name="runs"),
    path("runs/<int:pk>", views.run, name="run"),
    path("runs/<int:pk>/progress", views.run_progress, name="run_progress"),
    path("runs/<int:pk>/refusals", views.run_refusals, name="run_refusals"),
    path("runs/<int:pk>/pause", views.pause, name="pause"),
    path("runs/<int:pk>/resume", views.resume, name="resume"),
    path("runs/<int:pk>/cancel", views.cancel, name="cancel"),
    path("runs/<int:pk>/retry", views.retry, name="retry"),
    path("losses", views.losses, name="losses"),
    path("losses/<int:pk>", views.loss, name="loss"),
    path("notices/<str:reference>", views.notice, name="notice"),
    path("replays", views.replays, name="replays"),
    path("replays/<int:pk>", views.replay, name="replay"),
    path("replays/samples/<int:pk>/acknowledge", views.acknowledge, name="acknowledge"),
]
