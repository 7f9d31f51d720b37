from django.urls import path

from . import views

app_name = "enrollment"
urlpatterns = [
    path("", views.work, name="work"),
    path("<int:pk>", views.decide, name="decide"),
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
