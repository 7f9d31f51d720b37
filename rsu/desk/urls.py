from django.urls import path

from . import duplicates, home, household, journal, search

app_name = "desk"

urlpatterns = [
    path("", home.home, name="home"),
    path("search", search.search, name="search"),
    path("household/<str:code>", household.household, name="household"),
    path("duplicates", duplicates.duplicates, name="duplicates"),
    path("duplicates/<int:pk>", duplicates.duplicate, name="duplicate"),
    path("health", journal.health, name="health"),
]
