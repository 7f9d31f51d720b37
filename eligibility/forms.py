"""What administrators type: a new line and its source, a day, the reason of a refusal."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import Program


class ProposalForm(forms.Form):
    """The service checks what it means; a refusal is shown beside the field it names."""

    key = forms.ChoiceField(label=_("Programme"), choices=[(program.threshold_key, program.label) for program in Program])
    value = forms.CharField(
        label=_("Nouveau seuil"),
        help_text=_("Un nombre de sept décimales au plus, avec une virgule. Le droit est ouvert à qui ne le dépasse pas."),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "dir": "ltr", "autocomplete": "off"}),
    )
    since = forms.DateField(
        label=_("Premier jour d’effet"),
        help_text=_("Aujourd’hui ou plus tard : une disposition ne revient pas sur des droits déjà lus."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    source = forms.CharField(label=_("Texte cité"), help_text=_("Décret, loi, arrêté : sa nature et son numéro."), max_length=200)
    gazette = forms.CharField(label=_("Bulletin officiel"), help_text=_("Numéro, date et page."), max_length=250, required=False)
    url = forms.URLField(
        label=_("Adresse du texte"),
        required=False,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"dir": "ltr", "placeholder": "https://"}),
    )
    reason = forms.CharField(
        label=_("Pourquoi cette valeur"), help_text=_("Gardé avec la disposition et au journal."), widget=forms.Textarea(attrs={"rows": 3})
    )


class RejectionForm(forms.Form):
    reason = forms.CharField(label=_("Pourquoi la rejeter"), help_text=_("Gardé au journal."), widget=forms.Textarea(attrs={"rows": 2}))


class DayForm(forms.Form):
    on = forms.DateField(label=_("Au jour du"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
