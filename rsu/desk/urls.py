from django.urls import path

from . import home, household, journal, search
from .requests import asking, deeds, lists, page

app_name = "desk"

urlpatterns = [
    path("", home.home, name="home"),
    path("search", search.search, name="search"),
    path("household/<str:code>", household.household, name="household"),
    path("household/<str:code>/requests/new", asking.new, name="new_request"),
    path("requests/", lists.requests, name="requests"),
    path("requests/<int:pk>", page.page, name="request"),
    path("requests/<int:pk>/<slug:deed>", deeds.act, name="request_deed"),
    path("health", journal.health, name="health"),
]
