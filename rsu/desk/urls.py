from django.urls import path

from . import exporting, home, household, journal, readers, search

app_name = "desk"

urlpatterns = [
    path("", home.home, name="home"),
    path("search", search.search, name="search"),
    path("household/number/<int:pk>", household.open_file, name="open"),
    path("household/<str:code>", household.household, name="household"),
    path("household/<str:code>/readers", readers.readers, name="readers"),
    path("export", exporting.export, name="export"),
    path("health", journal.health, name="health"),
]
