"""What a caseworker fills on a household's cover page: one small form a deed."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from enrollment.models import SCHEMES
from households import entries
from households.entries import Unreadable

LTR = {"dir": "ltr", "autocomplete": "off"}
DAY = LTR  # without a day as placeholder, which looks like an answer that stands


class DayField(forms.CharField):
    """A day as people type it, in either set of digits; None where none is asked for and none is given."""

    def __init__(self, **kwargs) -> None:
        words = {"help_text": gettext_lazy("Jour, mois, année."), "error_messages": {"required": gettext_lazy("Donnez ce jour.")}}
        super().__init__(widget=forms.TextInput(attrs=DAY), **words | kwargs)

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        try:
            return entries.day(text)
        except Unreadable as wrong:
            raise ValidationError(str(wrong)) from wrong


class DeedForm(forms.Form):
    """`target` is whom or what the deed is about; a form's fields bear its prefix, so that several stand on one page."""

    use_required_attribute = False


class DirectForm(DeedForm):
    scheme = forms.ChoiceField(label=gettext_lazy("Régime"), choices=SCHEMES)
    note = forms.CharField(label=gettext_lazy("Remarque"), required=False, max_length=200)


class ApplyForm(DeedForm):
    reference = forms.CharField(
        label=gettext_lazy("Numéro du dossier au régime"), required=False, max_length=60, widget=forms.TextInput(attrs=LTR)
    )


class RefusedForm(DeedForm):
    note = forms.CharField(
        label=gettext_lazy("Motif du refus"), max_length=200,
        error_messages={"required": gettext_lazy("Donnez le motif du refus : la famille doit pouvoir le lire.")},
    )  # fmt: skip


class ConfirmForm(DeedForm):
    since = DayField(label=gettext_lazy("Premier jour de l’autre couverture"))
    reference = forms.CharField(
        label=gettext_lazy("Numéro d’immatriculation"), required=False, max_length=60, widget=forms.TextInput(attrs=LTR)
    )


class EndForm(DeedForm):
    until = DayField(label=gettext_lazy("Premier jour sans cette couverture"))


class PayForm(DeedForm):
    paid_on = DayField(label=gettext_lazy("Payée le"))
    amount = forms.CharField(label=gettext_lazy("Montant en dirhams"), widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "decimal"}))
    reference = forms.CharField(
        label=gettext_lazy("Référence du paiement"), required=False, max_length=60, widget=forms.TextInput(attrs=LTR)
    )

    def clean_amount(self):
        try:
            return entries.money(self.cleaned_data["amount"])
        except Unreadable as wrong:
            raise ValidationError(str(wrong)) from wrong


class LeaveForm(DeedForm):
    reason = forms.CharField(
        label=gettext_lazy("Motif"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Donnez le motif : la famille doit pouvoir le lire.")},
    )  # fmt: skip


class JoinForm(DeedForm):
    acknowledged = forms.BooleanField(
        label=gettext_lazy("La famille a lu ce qu’elle perdrait et le demande quand même"), required=False
    )  # fmt: skip


FORMS = {
    "direct": DirectForm,
    "applied": ApplyForm,
    "refused": RefusedForm,
    "confirm": ConfirmForm,
    "end": EndForm,
    "pay": PayForm,
    "leave": LeaveForm,
}
