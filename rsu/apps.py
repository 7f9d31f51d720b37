"""What the app is called on the administration site."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class Registry(AppConfig):
    name = "rsu"
    verbose_name = _("Comptes, conventions et territoires")
