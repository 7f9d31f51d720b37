"""People and agreements, kept by the administrators of the kingdom; every change is an event of the journal."""

from typing import ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db import models
from django.utils.translation import gettext_lazy as _

from eligibility.models import Program
from rsu import audit
from rsu.models import Agency, Commune, Province, Region, User

admin.site.unregister(Group)
admin.site.site_header = admin.site.site_title = _("Registre social unifié : comptes et conventions")
admin.site.index_title = _("Ce qui se règle ici")

ROLES = [choice for choice in User.Role.choices if choice[0] != User.Role.ENGINE]
"""Nobody is given the engine's role by hand."""


AUTHORITY = {"role", "area_level", "region", "province", "commune", "is_active"}
"""Fields by which an account gains what it did not have: who changes them answers for the account."""


def administers(user: User) -> bool:
    return user.is_active and user.is_staff and user.role == User.Role.ADMINISTRATOR and user.area_level == User.AreaLevel.KINGDOM


class KingdomAdmin(admin.ModelAdmin):
    """Open to the administrators of the kingdom. Nothing is deleted: accounts are closed, agreements end."""

    def has_module_permission(self, request):
        return administers(request.user)

    def has_view_permission(self, request, obj=None):
        return administers(request.user)

    def has_add_permission(self, request):
        return administers(request.user)

    def has_change_permission(self, request, obj=None):
        return administers(request.user)

    def has_delete_permission(self, request, obj=None):
        return False

    def log_addition(self, request, obj, message):
        audit.record(by=request.user, verb=f"add_{obj._meta.model_name}", subject=f"{obj._meta.model_name}:{obj.pk}", message=message)
        return super().log_addition(request, obj, message)

    def log_change(self, request, obj, message):
        audit.record(by=request.user, verb=f"change_{obj._meta.model_name}", subject=f"{obj._meta.model_name}:{obj.pk}", message=message)
        return super().log_change(request, obj, message)


class ReadOnlyAdmin(KingdomAdmin):
    formfield_overrides: ClassVar = {models.URLField: {"assume_scheme": "https"}}

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


class OwnRoles(forms.ModelForm):
    role = forms.ChoiceField(label=_("rôle"), choices=ROLES)


class NewUserForm(OwnRoles, AdminUserCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("username", "first_name", "last_name", "role", "area_level", "region", "province", "commune", "language")


class ChangedUserForm(OwnRoles, UserChangeForm):
    class Meta(UserChangeForm.Meta):
        model = User
        fields = (*NewUserForm.Meta.fields, "password", "email", "is_active")


@admin.register(User)
class RegistryUserAdmin(KingdomAdmin, UserAdmin):
    """Role and area; who may open these pages follows from them, and nobody becomes superuser here."""

    form = ChangedUserForm
    add_form = NewUserForm
    list_display = ("username", "first_name", "last_name", "role", "area_level", "place", "is_active")
    list_filter = ("role", "area_level", "is_active")
    list_select_related = ("commune", "province", "region")
    search_fields = ("username", "first_name", "last_name")
    autocomplete_fields = ("region", "province", "commune")
    filter_horizontal = ()
    _work = (_("Travail"), {"fields": ("role", "area_level", "region", "province", "commune", "language")})
    fieldsets = (
        (None, {"fields": ("username", "password", "is_active")}),
        (_("Personne"), {"fields": ("first_name", "last_name", "email")}),
        _work,
    )
    add_fieldsets = (
        (None, {"fields": ("username", "usable_password", "password1", "password2")}),
        (_("Personne"), {"fields": ("first_name", "last_name")}),
        _work,
    )

    @admin.display(description=_("territoire"))
    def place(self, user: User) -> str:
        return str(user.place or "")

    def user_change_password(self, request, id, form_url=""):
        """Who gives another a password answers for the account from then on: two accounts of one hand cannot sign for each other."""
        before = User.objects.filter(pk=id).values_list("password", flat=True).first()
        response = super().user_change_password(request, id, form_url)
        if str(id) != str(request.user.pk):
            User.objects.filter(pk=id).exclude(password=before).update(vouched_by=request.user)
        return response

    def save_model(self, request, obj, form, change):
        if not change or AUTHORITY & set(form.changed_data):
            obj.vouched_by = request.user if obj.pk != request.user.pk else obj.vouched_by
        obj.is_staff = obj.role == User.Role.ADMINISTRATOR and obj.area_level == User.AreaLevel.KINGDOM
        super().save_model(request, obj, form, change)


class AgencyForm(forms.ModelForm):
    programs = forms.MultipleChoiceField(
        label=_("Programmes"), choices=Program.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Agency
        fields = ("user", "code", "name_fr", "name_ar", "programs", "attributes", "purposes", "since", "until")

    def clean_user(self):
        user = self.cleaned_data["user"]
        if user.role != User.Role.AGENCY:
            raise forms.ValidationError(_("Le compte d’un organisme a le rôle « organisme partenaire »."))
        return user

    def clean(self):
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since >= until:
            self.add_error("until", _("La convention finit après son premier jour."))
        return cleaned


@admin.register(Agency)
class AgencyAdmin(KingdomAdmin):
    """A partner's agreement: what it may read, for which programs and purposes, from when until when."""

    form = AgencyForm
    list_display = ("code", "name_fr", "since", "until")
    search_fields = ("code", "name_fr", "name_ar")
    autocomplete_fields = ("user",)


class PlaceAdmin(ReadOnlyAdmin):
    list_display = ("code", "name_fr", "name_ar")
    search_fields = ("code", "name_fr", "name_ar")


admin.site.register([Region, Province, Commune], PlaceAdmin)
