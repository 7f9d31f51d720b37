"""What the app is called on the administration site."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class Households(AppConfig):
    name = "households"
    verbose_name = _("Ménages")
