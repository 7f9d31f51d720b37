"""Households and their requests, to look at: what changes them goes through a request."""

from django.contrib import admin

from .models import Household, Member, Request
from .queries import households_of


class ReadOnly:
    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


class MembersInline(ReadOnly, admin.TabularInline):
    model = Member
    fk_name = "household"
    fields = ("position", "idcs", "first_name_fr", "last_name_fr", "relation", "sex", "born_on", "situation", "cover")
    extra = 0


@admin.register(Household)
class HouseholdAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("shown_code", "commune", "milieu", "registered_on", "synthetic", "due_since")
    list_select_related = ("commune",)
    list_filter = ("milieu", "synthetic")
    search_fields = ("=code", "=phone")
    show_full_result_count = False
    inlines = (MembersInline,)

    def get_queryset(self, request):
        return households_of(request.user)


@admin.register(Request)
class RequestAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("id", "kind", "status", "household", "commune", "created_by", "saved_at")
    list_select_related = ("household", "commune", "created_by")
    list_filter = ("kind", "status")
    show_full_result_count = False

    def get_queryset(self, request):
        return super().get_queryset(request).filter(household__in=households_of(request.user))
