"""Forms of direct aid: a birth grant, a recovery, a placement, a month to write."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from rsu.models import Commune


class MonthForm(forms.Form):
    """The month to write, as its first day."""

    month = forms.DateField(
        label=_("Mois"), input_formats=["%Y-%m"], widget=forms.DateInput(format="%Y-%m", attrs={"type": "month"}),
        error_messages={"invalid": _("Donnez le mois et l’année, par exemple 2026-12.")},
    )  # fmt: skip


class CorrectionForm(forms.Form):
    reason = forms.CharField(label=_("Pourquoi ce mois est corrigé"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class BirthClaimForm(forms.Form):
    """`deliveries` are those the registry knows: (mother id, day of birth) as the value."""

    delivery = forms.ChoiceField(
        label=_("Accouchement"), widget=forms.RadioSelect, error_messages={"required": _("Choisissez l’accouchement.")}
    )
    before = forms.IntegerField(
        label=_("Accouchements de la mère avant celui-ci"),
        help_text=_("Tous comptent, même avant l’aide, et même si l’enfant ne vit plus ici. Des jumeaux sont un seul accouchement."),
        min_value=0,
        max_value=30,
    )

    def __init__(self, *args, deliveries, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["delivery"].choices = deliveries

    def chosen(self) -> dict:
        mother, born_on = self.cleaned_data["delivery"].split(":")
        return {"mother_id": int(mother), "born_on": date.fromisoformat(born_on), "before": self.cleaned_data["before"]}


class RecoveryForm(forms.Form):
    share = forms.DecimalField(
        label=_("Retenue au plus par mois, en dirhams"), min_value=1, max_digits=9, decimal_places=2, required=False, localize=True
    )
    reason = forms.CharField(
        label=_("Motif"), help_text=_("La famille peut le lire."), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class PlacementForm(forms.Form):
    idcs = forms.CharField(label=_("IDCS de l’enfant"), max_length=10, widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "numeric"}))
    name = forms.CharField(label=_("Nom de l’enfant"), max_length=120)
    born_on = forms.DateField(label=_("Date de naissance"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    institution = forms.CharField(label=_("Établissement"), max_length=120)
    commune = forms.ModelChoiceField(Commune.objects.none(), label=_("Commune de l’établissement"))
    account = forms.CharField(
        label=_("RIB du compte ouvert au nom de l’enfant"),
        max_length=40,
        widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "numeric"}),
    )
    since = forms.DateField(label=_("Accueilli depuis le"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))

    def __init__(self, *args, communes, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["commune"].queryset = communes


class LeavingForm(forms.Form):
    until = forms.DateField(label=_("Parti le"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    reason = forms.CharField(label=_("Motif"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class PlacementAccountForm(forms.Form):
    """Any number is taken as it is copied: the service says what is wrong with it."""

    account = forms.CharField(
        label=_("Nouveau RIB, au nom de l’enfant"),
        help_text=_("24 chiffres, avec ou sans espaces."),
        max_length=40,
        widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "numeric", "autocomplete": "off"}),
    )
    reason = forms.CharField(label=_("Motif"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
