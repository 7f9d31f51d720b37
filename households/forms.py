"""Forms made from the catalog: they show, and give back what was typed; the declaration itself says what is wrong."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from django import forms
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.utils.dates import MONTHS
from django.utils.html import format_html
from django.utils.translation import gettext as _

from rsu.models import Commune

from . import drafts
from .entries import last_months, typed
from .family import name as name_of
from .problems import Problem
from .questions import Question

FEW = 5
"""Up to this many choices are all shown; more fold into a list."""
PROPOSED = ("nationality", "spouse", "mother", "father")
"""Never left unanswered: the page proposes Morocco, and nobody."""


LISTS = {"occupation": "occupations", "last_name_fr": "last_names_fr", "last_name_ar": "last_names_ar"}
"""Answers the page proposes from a list while they are typed; anything else may be written."""


@dataclass(frozen=True)
class Row:
    """One question on the page: its fields, whom it concerns, and what is to confirm about it."""

    question: Question
    fields: list[BoundField]
    when: str
    from_age: int | None
    to_age: int | None
    confirm: list[Problem]
    clash: object = None

    @property
    def grouped(self) -> bool:
        return len(self.fields) > 1

    @property
    def errors(self) -> list[str]:
        return self.fields[0].errors


@dataclass(frozen=True)
class Choices:
    """What only the page knows: communes of the area, people of the household, the day."""

    on: date
    adult_age: int
    communes: Sequence[Commune] = ()
    people: Sequence[Mapping] = ()
    own_position: int | None = None
    offered: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Positions that may be named as mother, father or spouse; a role that is not here is offered everybody else."""


class QuestionsForm(forms.Form):
    """One page of questions over a draft. `problems` are those of this page, paths cut to the field's name."""

    use_required_attribute = False

    def __init__(
        self,
        questions: Iterable[Question],
        *,
        answers: Mapping,
        choices: Choices,
        problems: Iterable[Problem] = (),
        clashes: Mapping | None = None,
    ) -> None:
        self.questions, self.choices, self.clashes = list(questions), choices, clashes or {}
        self.problems = list(problems)
        super().__init__(data=drafts.fields(self.questions, answers), auto_id="%s")
        for question in self.questions:
            self.fields |= _fields(question, choices)
            if question.kind == "member":
                self.fields[question.field].choices = _people(choices, question.field, typed(answers.get(question.field)))

    def full_clean(self) -> None:
        """The declaration has been read already: its problems are this form's errors."""
        self.cleaned_data, self._errors = {}, ErrorDict()
        for problem in self.problems:
            field = problem.path if problem.path in self.fields else f"{problem.path}_0"
            if field in self.fields:
                held = self._errors.setdefault(field, self.error_class(renderer=self.renderer, field_id=field))
                held.append(_("Répondez à cette question.") if problem.question else problem.sentence)

    def rows(self) -> list[Row]:
        return [self._row(question) for question in self.questions]

    def _row(self, question: Question) -> Row:
        names = list(_fields(question, self.choices))
        who = question.who
        when = "; ".join(map(str, who.conditions))
        if question.field == "inside_center":
            when = f"commune={'|'.join(commune.code for commune in self.choices.communes if commune.has_urban_center)}"
        from_age = self.choices.adult_age if who.adults else who.from_age
        confirm = [problem for problem in self.problems if problem.confirm and problem.path == question.field]
        return Row(question, [self[name] for name in names], when, from_age, who.to_age, confirm, self.clashes.get(question.field))

    def to_confirm(self) -> bool:
        """Whether nothing is left but rare answers to confirm."""
        return all(problem.confirm for problem in self.problems)

    def summary(self) -> list[tuple[str, str, str]]:
        """(question to go to, its words, sentence) for the list at the top of the page, in the order of the page."""
        unanswered = {problem.path for problem in self.problems if problem.question}
        rows = [(row.question, sentence) for row in self.rows() for sentence in row.errors]
        return [
            (question.field, str(question.label), _("sans réponse") if question.field in unanswered else sentence)
            for question, sentence in rows
        ]


def _fields(question: Question, choices: Choices) -> dict[str, forms.Field]:
    if question.kind == "bills":
        months = {f"{question.field}_{place}": _text(question, label) for place, label in enumerate(last_months(choices.on))}
        none = forms.BooleanField(label=_("Aucune facture"), required=False)
        return months | {f"{question.field}_none": none}
    return {question.field: _field(question, choices)}


def _field(question: Question, choices: Choices) -> forms.Field:
    options = {"label": question.label, "help_text": _help(question), "required": question.needed or question.field in PROPOSED}
    match question.kind:
        case "flag":
            return forms.BooleanField(**options)
        case "yes_no":
            return forms.ChoiceField(choices=[("true", _("oui")), ("false", _("non"))], widget=forms.RadioSelect, **options)
        case "fixed_dwelling":
            either = [("", _("oui")), ("none", _("non, sans logement fixe"))]
            return forms.ChoiceField(choices=either, widget=forms.RadioSelect, **options | {"required": True})
        case "place":
            return forms.ChoiceField(choices=[("", _("Choisir…")), *by_province(choices.communes)], **options)
        case "member":
            return forms.ChoiceField(choices=[], **options)
        case "month":
            return forms.ChoiceField(choices=[("", _("inconnu")), *MONTHS.items()], **options)
        case "choice":
            return _choice(question, options)
        case _:
            return _text(question, **options)


def _choice(question: Question, options: dict) -> forms.ChoiceField:
    answers = question.options()
    if len(answers) <= FEW:
        return forms.ChoiceField(choices=answers, widget=forms.RadioSelect, **options)
    blank = [] if question.field == "nationality" else [("", _("Choisir…"))]
    return forms.ChoiceField(choices=blank + answers, **options)


_NUMERIC = {
    "count": "numeric",
    "year": "numeric",
    "number": "numeric",
    "idcs": "numeric",
    "phone": "tel",
    "money": "decimal",
    "bills": "decimal",
}


def _text(question: Question, label: str = "", help_text: str = "", required: bool = False) -> forms.CharField:
    """A line to write in; numbers and identifiers run left to right, names in their own script's direction."""
    attrs = {"autocomplete": "off"}
    if question.kind in _NUMERIC:
        attrs |= {"dir": "ltr", "inputmode": _NUMERIC[question.kind]}
    elif question.kind == "day":
        attrs |= {"dir": "ltr", "placeholder": "05/03/2020"}
    elif question.kind == "cin":
        attrs["dir"] = "ltr"
    elif question.field.endswith("_ar"):
        attrs |= {"dir": "rtl", "lang": "ar"}
    elif question.field.endswith("_fr"):
        attrs |= {"dir": "ltr", "lang": "fr"}
    if question.field in LISTS:
        attrs["list"] = LISTS[question.field]
    return forms.CharField(label=label, help_text=help_text, required=required, widget=forms.TextInput(attrs=attrs))


def _help(question: Question) -> str:
    """The hint, and whom the question concerns in brackets, for pages without scripts."""
    concerned = format_html('<span class="whom">[{}]</span>', question.who.words) if question.who.words else ""
    return format_html("{} {}", question.hint, concerned).strip()


def by_province(communes: Sequence[Commune]) -> list:
    """Communes as choices, under their province when there are several."""
    groups = [(str(province), [(c.code, c.name) for c in found]) for province, found in groupby(communes, key=lambda c: c.province)]
    return groups if len(groups) > 1 else [choice for _province, found in groups for choice in found]


def _people(choices: Choices, role: str, chosen: str) -> list[tuple[str, str]]:
    """Nobody, those who may be named, and whoever is named already."""
    everybody = range(1, len(choices.people) + 1)
    shown = {str(position) for position in choices.offered.get(role, everybody)} | {chosen}
    others = [
        (str(position), label(member, position))
        for position, member in enumerate(choices.people, start=1)
        if str(position) in shown and (position != choices.own_position or str(position) == chosen)
    ]
    return [("", _("Non, pas dans ce ménage")), *others]


def label(member: Mapping, position: int) -> str:
    """How a person is called on the pages before having a name."""
    named = {key: value or "" for key, value in member.items() if key in ("first_name_fr", "last_name_fr")}
    known = name_of(named)
    return known if known != "?" else _("Personne %(number)s") % {"number": position}
