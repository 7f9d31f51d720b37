from django.urls import path

from . import views

app_name = "enrollment"
urlpatterns = [
    path("", views.work, name="work"),
    path("<int:pk>", views.decide, name="decide"),
    path("budget", views.budget_year, name="budget"),
    path("budget/month", views.budget_month, name="budget_month"),
    path("budget/forecasts", views.budget_forecasts, name="budget_forecasts"),
    path("budget/scenarios", views.budget_scenarios, name="budget_scenarios"),
    path("budget/scenarios/<int:pk>", views.budget_scenario, name="budget_scenario"),
    path("budget/scenarios/<int:pk>.csv", views.budget_scenario_file, name="budget_scenario_file"),
    path("budget/<slug:table>.csv", views.budget_file, name="budget_file"),
]
