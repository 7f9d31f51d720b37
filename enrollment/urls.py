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
    path("payments/", views.payment_orders, name="payment_orders"),
    path("payments/owed", views.payments_owed, name="payments_owed"),
    path("payments/differences", views.payment_differences, name="payment_differences"),
    path("payments/differences/<int:pk>", views.settle_difference, name="settle_difference"),
    path("payments/files/<int:pk>", views.payment_file, name="payment_file"),
    path("payments/orders/<int:pk>", views.payment_order, name="payment_order"),
    path("payments/orders/<int:pk>/return", views.payment_return, name="payment_return"),
    path("payments/orders/<int:pk>/<slug:deed>", views.payment_deed, name="payment_deed"),
    path("payments/<int:pk>/reissue", views.reissue_payment, name="reissue_payment"),
    path("payments/household/<str:code>", views.household_payments, name="household_payments"),
]
