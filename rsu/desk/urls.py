from django.urls import path

from . import compare, home, household, journal, printing, search, simulate_household

app_name = "desk"

urlpatterns = [
    path("", home.home, name="home"),
    path("search", search.search, name="search"),
    path("household/<str:code>", household.household, name="household"),
    path("household/<str:code>/notice", printing.notice, name="notice"),
    path("requests/<int:pk>/receipt", printing.receipt, name="receipt"),
    path("household/<str:code>/compare", compare.compare, name="compare"),
    path("household/<str:code>/simulate", simulate_household.simulate, name="simulate_household"),
    path("health", journal.health, name="health"),
]
