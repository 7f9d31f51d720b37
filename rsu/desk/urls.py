from django.urls import path

from . import home, household, journal, printing, search

app_name = "desk"

urlpatterns = [
    path("", home.home, name="home"),
    path("search", search.search, name="search"),
    path("household/<str:code>", household.household, name="household"),
    path("household/<str:code>/notice", printing.notice, name="notice"),
    path("requests/<int:pk>/receipt", printing.receipt, name="receipt"),
    path("health", journal.health, name="health"),
]
