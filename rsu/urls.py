"""Four doors to the same services: pages, dashboards, the partner API; background tasks are the fourth."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path
from django.views.i18n import set_language

from rsu import api, dashboards
from rsu.authentication import Login
from rsu.desk.journal import journal
from rsu.desk.verifying import verify

urlpatterns = [
    path("", include("rsu.desk.urls")),
    path("households/", include("households.urls")),
    path("enrollment/", include("enrollment.urls")),
    path("policy/", include("eligibility.urls")),
    path("dashboards/", include((dashboards.urlpatterns, "dashboards"))),
    path("verify", verify, name="verify"),
    path("verify/<str:reference>", verify, name="verify_reference"),
    path("journal", journal, name="audit"),
    path("login", Login.as_view(), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("language", set_language, name="set_language"),
    path("api/v1/", include((api.urlpatterns, "api"))),
    path("admin/", admin.site.urls),
]
