"""A decision on some of the enrollments of one household and program."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import Enrollment

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
