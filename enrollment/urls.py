from django.urls import path

from . import views

app_name = "enrollment"
urlpatterns = [
    path("", views.work, name="work"),
    path("<int:pk>", views.decide, name="decide"),
    path("months", views.month_list, name="months"),
    path("months/<str:month>", views.month, name="month"),
    path("months/<str:month>/progress", views.month_progress, name="month_progress"),
    path("months/<str:month>/retry", views.month_retry, name="month_retry"),
    path("months/<str:month>/correct", views.month_correct, name="month_correct"),
    path("aid/<str:code>", views.household_aid, name="household_aid"),
    path("aid/<str:code>/birth-grant", views.birth_grant, name="birth_grant"),
    path("overpayments", views.overpayments, name="overpayments"),
    path("overpayments/<int:pk>", views.overpayment, name="overpayment"),
    path("placements", views.placements, name="placements"),
    path("placements/new", views.new_placement, name="new_placement"),
    path("placements/<int:pk>", views.placement, name="placement"),
]
