"""Decisions on the enrollments of one household, on many at once; payment orders, their answers, accounts; how a family is reached."""

from datetime import date

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from eligibility.law.validation import SCORE_DECIMALS
from eligibility.models import Determination, Run
from rsu.models import Milieu, Province, Region, User
from rsu.permissions import communes_of
from rsu.wording import day

from .models import Contact, DecisionBatch, Enrollment, Scheme
from .paying.answers import COLUMNS
from .selection import Selection

DEEDS = {
    "accept": _("Accepter"),
    "refuse": _("Refuser"),
    "keep": _("Maintenir"),
    "end": _("Mettre fin"),
    "suspend": _("Suspendre"),
    "resume": _("Reprendre"),
}
WITHOUT_REASON = ("accept",)


def day_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


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


YES_NO = (("", _("Peu importe")), ("yes", _("Oui")), ("no", _("Non")))


def _yes_no(value: str) -> bool | None:
    return {"yes": True, "no": False}.get(value)


def _choice(label, choices=YES_NO, coerce=_yes_no, empty_value=None) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, choices=choices, required=False, coerce=coerce, empty_value=empty_value)


def _distance(label) -> forms.DecimalField:
    return forms.DecimalField(label=label, required=False, min_value=0, max_value=100, decimal_places=7, localize=True)


class BatchForm(forms.Form):
    """Which enrollments, and what is decided of them; places are those of the area, the smaller ones once the larger is chosen."""

    deed = forms.ChoiceField(label=_("Décision"), choices=DecisionBatch.Deed)
    program = forms.ChoiceField(label=_("Programme"), choices=[(one.value, one.label) for one in Scheme if one != Scheme.AMO_ACHAMIL])
    region = _choice(_("Région"), coerce=int)
    province = _choice(_("Province ou préfecture"), coerce=int)
    commune = _choice(_("Commune"), coerce=int)
    milieu = _choice(_("Milieu"), [("", _("Tous")), *Milieu.choices], coerce=str, empty_value="")
    run = _choice(_("Exécution qui l’a causée"), coerce=int)
    caused_by = _choice(_("Cause"), [("", _("Toutes")), *Determination.Reason.choices], coerce=str, empty_value="")
    waiting_until = forms.DateField(label=_("L’indice a tranché au plus tard le"), required=False, widget=day_input())
    size_from = forms.IntegerField(label=_("Personnes du ménage, au moins"), required=False, min_value=1, max_value=99)
    size_to = forms.IntegerField(label=_("Personnes du ménage, au plus"), required=False, min_value=1, max_value=99)
    near = _distance(_("Écart au seuil, au moins (points)"))
    far = _distance(_("Écart au seuil, au plus (points)"))
    children = _choice(_("Avec des enfants que l’aide compte"))
    request = _choice(_("Avec une demande en cours"))
    conflict = _choice(_("Avec une contradiction à régler"))
    appeal = _choice(_("Avec un recours ouvert"))
    held = _choice(_("Déjà en attente d’une date"))
    spending_only = forms.BooleanField(label=_("Seules les dépenses déclarées ont changé"), required=False)

    DECISION = ("deed", "program")

    def __init__(self, *args, user: User, runs=(), **kwargs):
        super().__init__(*args, **kwargs)
        chosen = self.data if self.is_bound else {}
        communes = communes_of(user)
        regions = Region.objects.filter(communes__in=communes).distinct()
        provinces = Province.objects.filter(communes__in=communes).distinct()
        if (region := chosen.get("region", "")).isdigit():
            provinces, communes = provinces.filter(region=region), communes.filter(region=region)
        if (province := chosen.get("province", "")).isdigit():
            communes = communes.filter(province=province)
        every = [("", _("Toutes"))]
        self.fields["region"].choices = every + [(one.pk, one.name) for one in regions]
        self.fields["province"].choices = every + [(one.pk, one.name) for one in provinces]
        self.fields["commune"].choices = every + [(one.pk, one.name) for one in communes]
        kinds = dict(Run.Kind.choices)
        self.fields["run"].choices = every + [(pk, f"{pk} · {kinds[kind]} · {day(on)}") for pk, kind, on in runs]

    def clean(self):
        cleaned = super().clean()
        low, high = cleaned.get("size_from"), cleaned.get("size_to")
        if low and high and high < low:
            self.add_error("size_to", _("Ce nombre est plus petit que le premier : corrigez l’un des deux."))
        near, far = cleaned.get("near"), cleaned.get("far")
        if near is not None and far is not None and far < near:
            self.add_error("far", _("Ce nombre est plus petit que le premier : corrigez l’un des deux."))
        return cleaned

    @property
    def chosen(self) -> Selection:
        told = {name: value for name, value in self.cleaned_data.items() if name not in self.DECISION}
        for name in ("near", "far"):
            told[name] = None if told[name] is None else int(told[name] * 10**SCORE_DECIMALS)
        told["waiting_until"] = told["waiting_until"].isoformat() if told["waiting_until"] else ""
        return Selection(**told)


class ProposeBatchForm(forms.Form):
    """What goes with the choice when it is proposed."""

    reason = forms.CharField(
        label=_("Motif"), help_text=_("Les familles peuvent le lire."), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    look_again_on = forms.DateField(label=_("À revoir le"), required=False, widget=day_input())

    def __init__(self, *args, deed: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        if deed not in DecisionBatch.LOOKED_AT_AGAIN:
            del self.fields["look_again_on"]


class AnswerForm(forms.Form):
    """A sentence beside a signature, a refusal, a message sent again."""

    answer = forms.CharField(label=_("Motif"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class ContactForm(forms.Form):
    language = forms.ChoiceField(label=_("Langue de la famille"), choices=[("", _("Les deux")), *Contact.Language.choices], required=False)
    email = forms.EmailField(label=_("Courriel"), required=False)
    no_sms = forms.BooleanField(label=_("Ne veut pas de SMS"), required=False)
    no_email = forms.BooleanField(label=_("Ne veut pas de courriel"), required=False)
