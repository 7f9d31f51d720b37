"""The law and its runs, to be read: they change by proposals and by the engine, never here."""

from django.contrib import admin

from rsu.admin import ReadOnlyAdmin

from .models import Provision, Run


@admin.register(Provision)
class ProvisionAdmin(ReadOnlyAdmin):
    list_display = ("key", "since", "source", "confidence")
    list_filter = ("key",)
    search_fields = ("key", "source")


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "program", "status", "on", "planned", "created_at", "finished_at")
    list_filter = ("kind", "status")
    list_select_related = ("provision",)
