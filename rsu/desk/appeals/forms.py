"""Filing an appeal: first what is contested and which answers, then the answers the family says are true, its words and its evidence."""

from collections.abc import Iterable
from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from eligibility import wording
from eligibility.models import Program
from enrollment.contested import Contested
from enrollment.models import Appeal
from households.changes import by_key
from households.forms import label
from households.models import Evidence
from households.questions import HOUSEHOLD, PERSON, Question
from rsu.desk.cover_forms import DayField

Ground = Appeal.Ground
LEFT_OUT = ("place", "member", "idcs", "fixed_dwelling", "cin", "phone")
"""Kinds of answers that change by a request of their own: where the family lives, who is who."""
OWN = ("dwelling", "bills", "equipment", "property")
PERSONAL = ("family", "studies", "work", "cover")
RULES = (
    "score.formula", *(program.threshold_key for program in Program), "direct_aid.amounts", "amo_tadamon.excluding_covers",
    "amo_achamil.bands", "amo_achamil.waiting_months", "amo_achamil.excluded_situations",
)  # fmt: skip
PREFIX = "claim-"


@dataclass(frozen=True)
class Claim:
    """An answer that may be contested: its path, whose it is, its question, what it says today as typed."""

    path: str
    who: str
    question: Question
    present: object

    @property
    def words(self) -> str:
        return f"{self.who} · {self.question.label}" if self.who else str(self.question.label)


def claims_of(answers: dict, milieu: str) -> list[Claim]:
    """Every answer of the declaration that an appeal may contest, the household's first."""
    own = {q.field: q for q in HOUSEHOLD if q.section in OWN and q.kind not in LEFT_OUT and milieu in q.milieux}
    found = [Claim(name, "", question, answers.get(name)) for name, question in own.items()]
    personal = {q.field: q for q in PERSON if q.section in PERSONAL and q.kind not in LEFT_OUT and milieu in q.milieux}
    for place, (key, member) in enumerate(by_key(answers).items(), start=1):
        named = label(member, place)
        found += [Claim(f"{key}.{name}", named, question, member.get(name)) for name, question in personal.items()]
    return found


class StartForm(forms.Form):
    """What is contested and why, then which answers; sent by GET, so that the address says it."""

    use_required_attribute = False
    against = forms.ChoiceField(
        label=gettext_lazy("Ce que la famille conteste"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choisissez ce que la famille conteste.")},
    )
    ground = forms.ChoiceField(
        label=gettext_lazy("Pourquoi"),
        choices=Ground.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Dites ce que la famille conteste : une réponse, ou l’application d’une règle.")},
    )
    claims = forms.MultipleChoiceField(
        label=gettext_lazy("Les réponses fausses"),
        help_text=gettext_lazy("Seulement si une réponse est fausse ; plusieurs sont possibles."),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )

    def __init__(self, *args, offered: Iterable[Contested], claims: Iterable[Claim], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["against"].choices = [(one.key, one.title) for one in offered]
        grouped: dict[str, list] = {}
        for one in claims:
            grouped.setdefault(one.who or _("Le ménage"), []).append((one.path, str(one.question.label)))
        self.fields["claims"].choices = list(grouped.items())

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("ground") == Ground.ANSWER and not cleaned.get("claims") and "claims" not in self.errors:
            self.add_error("claims", _("Choisissez au moins une des réponses que la famille conteste."))
        return cleaned


class AppealForm(forms.Form):
    """The family's words, the answers it says are true, when it was notified, and a piece of evidence."""

    use_required_attribute = False
    token = forms.UUIDField(widget=forms.HiddenInput)
    words = forms.CharField(
        label=gettext_lazy("Ce que dit la famille, avec ses mots"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("Écrivez ce que la famille conteste, avec ses mots.")},
    )
    provision = forms.ChoiceField(label=gettext_lazy("La règle en cause"), required=False)
    notified_on = DayField(
        label=gettext_lazy("Jour où la décision a été notifiée"),
        help_text=gettext_lazy("Jour, mois, année. Vide si rien n’a été notifié : le délai n’a pas commencé."),
        required=False,
    )
    admitted_because = forms.CharField(
        label=gettext_lazy("S’il est hors délai, pourquoi l’admettre"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    proves = forms.ChoiceField(label=gettext_lazy("Que prouve cette pièce ?"), required=False)
    file = forms.FileField(
        label=gettext_lazy("Pièce"), required=False, widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"})
    )

    def __init__(self, *args, claims: Iterable[Claim], ground: str, contested: Contested, may_admit: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.claimed = list(claims)
        for one in self.claimed:
            self.fields[PREFIX + one.path] = _field(one)
        self.fields["proves"].choices = [("", _("Choisir…")), *Evidence.Proves.choices]
        most = settings.FILES_MOST_BYTES // 1_000_000
        sentence = _("Une photo ou un document, %(most)s Mo au plus ; d’autres pièces se joignent ensuite.") % {"most": most}
        self.fields["file"].help_text = format_html("{} <bdi dir='ltr'>(JPEG, PNG, PDF)</bdi>", sentence)
        self.fields["provision"].choices = [("", _("Choisir…")), *((key, str(wording.KEYS[key].label)) for key in RULES)]
        left_out = {"provision"} if ground == Ground.ANSWER else set()
        left_out |= {"notified_on"} if contested.notice else set()
        left_out |= set() if may_admit else {"admitted_because"}
        for name in left_out:
            del self.fields[name]
        self.order_fields(["token", *(PREFIX + one.path for one in self.claimed), "words"])

    def claims(self) -> dict[str, object]:
        """Answers by path, as a page of questions would have typed them."""
        return {one.path: _as_typed(one, self.cleaned_data[PREFIX + one.path]) for one in self.claimed}

    def refuse(self, problems: dict[str, str]) -> None:
        """Put on the form what the service refused, beside the field it is about."""
        for name, sentence in problems.items():
            near = next((PREFIX + one.path for one in self.claimed), None) if name == "claims" else name
            self.add_error(near if near in self.fields else None, sentence)


def _field(one: Claim) -> forms.Field:
    question = one.question
    told = {"label": one.words, "required": False, "help_text": question.hint}
    if question.kind in ("yes_no", "flag"):
        first = {True: "yes", False: "no"}.get(one.present, "")
        return forms.ChoiceField(choices=[("", _("sans réponse")), ("yes", _("oui")), ("no", _("non"))], initial=first, **told)
    if question.kind == "choice":
        return forms.ChoiceField(choices=[("", _("sans réponse")), *question.options()], initial=one.present or "", **told)
    first = one.present
    if question.kind == "bills":
        first = " ; ".join("" if month is None else str(month) for month in one.present or [])
    field = forms.CharField(max_length=200, initial="" if first is None else first, **told)
    field.widget.attrs |= {"autocomplete": "off"} | ({} if question.kind == "text" else {"dir": "ltr"})
    return field


def _as_typed(one: Claim, value: str) -> object:
    if one.question.kind in ("yes_no", "flag"):
        return {"yes": True, "no": False}.get(value)
    if one.question.kind == "bills":
        return [month.strip() or None for month in value.split(";")] if value.strip() else []
    return value or None
