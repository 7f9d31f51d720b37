"""A decision on some of the enrollments of one household and program; payment orders, their answers, accounts."""

from datetime import date

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from .models import Enrollment
from .paying.answers import COLUMNS

DEEDS = {
    "accept": _("Accepter"),
    "refuse": _("Refuser"),
    "keep": _("Maintenir"),
    "end": _("Mettre fin"),
    "suspend": _("Suspendre"),
    "resume": _("Reprendre"),
}
WITHOUT_REASON = ("accept",)


class DecisionForm(forms.Form):
    """`enrollments` may only name those the page showed."""

    enrollments = forms.ModelMultipleChoiceField(
        Enrollment.objects.none(),
        label=_("Personnes"),
        error_messages={"required": _("Choisissez au moins une inscription.")},
    )
    deed = forms.ChoiceField(choices=DEEDS.items(), widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Motif"),
        help_text=_("Demandé pour toute décision, sauf accepter. La famille peut le lire."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    other_cause = forms.BooleanField(
        label=_("La fin a une autre raison que l’indice : décès, départ, autre couverture"),
        help_text=_("Sans cela, un droit maintenu ne peut pas finir avant son dernier jour."),
        required=False,
    )

    restore = forms.BooleanField(
        label=_("Rendre les jours et les mois de la suspension, comme si elle n’avait pas été"),
        required=False,
    )

    def __init__(self, *args, enrollments, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["enrollments"].queryset = enrollments

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("deed") not in (None, *WITHOUT_REASON) and not cleaned.get("reason"):
            self.add_error("reason", _("Donnez le motif : la famille doit pouvoir le lire."))
        return cleaned


class OrderForm(forms.Form):
    """Which month to pay, or what was rejected to pay again."""

    month = forms.ChoiceField(label=_("Jusqu’au mois"), help_text=_("Les mois d’avant qui attendent sont payés avec lui."))
    reissues_only = forms.BooleanField(label=_("Seulement ce qui est à réémettre"), required=False)

    def __init__(self, *args, months, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["month"].choices = months

    def clean_month(self):
        return date.fromisoformat(self.cleaned_data["month"])


class ReasonForm(forms.Form):
    """Why, for deeds that keep a reason."""

    use_required_attribute = False
    reason = forms.CharField(label=_("Motif"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class ReturnForm(forms.Form):
    """The agency's answer."""

    use_required_attribute = False
    file = forms.FileField(
        label=_("Réponse de l’organisme payeur"),
        help_text=format_lazy(_("{message}, ou CSV avec les titres {headings}."), message="pain.002", headings=";".join(COLUMNS)),
    )


class AccountForm(forms.Form):
    """The account of one member; the services say what is wrong with the number."""

    use_required_attribute = False
    member = forms.ChoiceField(label=_("Personne payée"))
    rib = forms.CharField(
        label=_("RIB"), max_length=60, help_text=_("24 chiffres, sur le relevé d’identité de la banque."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "dir": "ltr", "autocomplete": "off"}),
    )  # fmt: skip
    holder = forms.CharField(label=_("Titulaire du compte"), max_length=120)
    reason = forms.CharField(
        label=_("Motif"), max_length=1000, help_text=_("La famille peut le lire."), widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args, members, **kwargs):
        super().__init__(*args, **kwargs)
        arabic = get_language() == "ar"
        self.fields["member"].choices = [(str(member.pk), member.name_ar if arabic else member.name_fr) for member in members]
