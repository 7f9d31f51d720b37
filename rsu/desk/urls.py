from django.urls import path

from . import (
    compare,
    conflicts,
    cover,
    deadlines,
    duplicates,
    exporting,
    home,
    household,
    journal,
    paper,
    printing,
    readers,
    search,
    simulate_household,
)
from .appeals import deeds as appeal_deeds
from .appeals import filing, papers
from .appeals import lists as appeal_lists
from .appeals import page as appeal_page
from .requests import asking, deeds, lists, page

app_name = "desk"

urlpatterns = [
    path("", home.home, name="home"),
    path("search", search.search, name="search"),
    path("household/number/<int:pk>", household.open_file, name="open"),
    path("household/number/<int:pk>/cover", cover.open_cover, name="open_cover"),
    path("household/<str:code>", household.household, name="household"),
    path("household/<str:code>/notice", printing.notice, name="notice"),
    path("requests/<int:pk>/receipt", printing.receipt, name="receipt"),
    path("household/<str:code>/compare", compare.compare, name="compare"),
    path("household/<str:code>/cover", cover.cover, name="cover"),
    path("household/<str:code>/cover/join/<int:target>", cover.join, name="cover_join"),
    path("household/<str:code>/cover/<slug:deed>/<int:target>", cover.cover_deed, name="cover_deed"),
    path("household/<str:code>/simulate", simulate_household.simulate, name="simulate_household"),
    path("conflicts/", conflicts.conflicts, name="conflicts"),
    path("conflicts/<int:pk>/", conflicts.conflict, name="conflict"),
    path("conflicts/<int:pk>/tell", conflicts.tell_family, name="tell_family"),
    path("conflicts/<int:pk>/keep", conflicts.keep_answer, name="keep_answer"),
    path("conflicts/<int:pk>/take", conflicts.take_verified, name="take_verified"),
    path("duplicates", duplicates.duplicates, name="duplicates"),
    path("duplicates/<int:pk>", duplicates.duplicate, name="duplicate"),
    path("household/<str:code>/readers", readers.readers, name="readers"),
    path("export", exporting.export, name="export"),
    path("household/<str:code>/requests/new", asking.new, name="new_request"),
    path("requests/", lists.requests, name="requests"),
    path("requests/<int:pk>", page.page, name="request"),
    path("requests/<int:pk>/<slug:deed>", deeds.act, name="request_deed"),
    path("household/<str:code>/appeal", filing.file, name="file_appeal"),
    path("appeals/", appeal_lists.list_appeals, name="appeals"),
    path("appeals/<int:pk>", appeal_page.page, name="appeal"),
    path("appeals/<int:pk>/paper", papers.print_paper, name="appeal_paper"),
    path("appeals/<int:pk>/weigh", appeal_deeds.weigh, name="weigh_appeal"),
    path("appeals/<int:pk>/<slug:deed>", appeal_deeds.act, name="appeal_deed"),
    path("deadlines", deadlines.deadlines, name="deadlines"),
    path("paper", paper.paper, name="paper"),
    path("paper/<str:reference>", paper.right_notice, name="right_notice"),
    path("health", journal.health, name="health"),
]
