"""The administration site reads enrollments and changes none: every change goes through a service."""

from django.contrib import admin

from .models import Allowance, AllowanceLine, Enrollment, EnrollmentMove, Unit


class ReadOnly:
    def has_add_permission(self, request, *args):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class Moves(ReadOnly, admin.TabularInline):
    model = EnrollmentMove
    extra = 0


class Lines(ReadOnly, admin.TabularInline):
    model = AllowanceLine
    extra = 0


@admin.register(Unit)
class UnitAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["household", "kind", "insured_idcs", "formed_at"]
    list_filter = ["kind"]
    list_select_related = ["household"]
    show_full_result_count = False


@admin.register(Enrollment)
class EnrollmentAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["household", "program", "idcs", "quality", "status", "since", "until"]
    list_filter = ["program", "status"]
    list_select_related = ["household"]
    search_fields = ["idcs__exact", "household__code__exact"]
    show_full_result_count = False
    inlines = [Moves]


@admin.register(Allowance)
class AllowanceAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["household", "month", "read_on", "amount"]
    list_select_related = ["household"]
    search_fields = ["household__code__exact"]
    show_full_result_count = False
    inlines = [Lines]
