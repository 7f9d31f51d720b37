"""The form of a simulation: the household's own answers, each ready to be changed, and the buttons that change one at a touch."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django import forms
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

import households.queries
from eligibility.law import Law
from eligibility.traps import COVER, NOT_COUNTED
from households import entries, events
from households.ages import age_on
from households.answers import Cover, OccupationGroup, Situation, WorkStatus
from households.changes import by_key
from households.declaration import milieu_of
from households.declared import dirhams
from households.forms import by_province
from households.models import Household, Member
from households.problems import Problem
from households.questions import BY_FIELD, Question, household_questions
from rsu import wording

from .what_if import newborn

BILLS = ("electricity_bills", "water_bills", "butane_month", "telecom_bills")
MOST_BIRTHS = 5
FORMAL = "amo_employee"


@dataclass(frozen=True)
class Person:
    """One member's line: what may happen to him."""

    member: Member
    leaves: BoundField
    cover: BoundField
    job: BoundField | None
    others: list[BoundField]


@dataclass(frozen=True)
class Line:
    """One answer of the household; `kind` says which buttons stand beside it: half, step or none."""

    field: BoundField
    kind: str


class WhatIfForm(forms.Form):
    """`data` are the fields as sent, none at first: every field the reader does not touch keeps the household's own answer."""

    use_required_attribute = False

    def __init__(self, household: Household, answers: Mapping, members: list[Member], *, data: Mapping, on: date, law: Law) -> None:
        self.household, self.answers, self.members, self.on, self.law = household, answers, members, on, law
        self.communes = list(households.queries.communes_of_kingdom())
        sent = {name: value for name, value in data.items() if isinstance(value, str)}
        self.own = self._own_fields()
        super().__init__(data=_touched(self.own | sent, sent.get("quick", ""), members, law), auto_id="%s")
        self.problems: list[Problem] = []
        self.milieu = milieu_of(self._commune(), self.data.get("inside_center")) or household.milieu
        self._declare_fields()

    # What the household says today -----------------------------------------------------------------------------------

    def _own_fields(self) -> dict[str, str]:
        """The present answers as this form's fields."""
        own = {"commune": self.answers["commune"], "births": "0"}
        for name, question in BY_FIELD.items():
            value = self.answers.get(name)
            if not hasattr(Household, name) or question.kind in ("place", "text", "phone"):
                continue
            if question.kind == "bills":
                own[name] = dirhams(entries.annual(getattr(self.household, name) or []) // 12)
            else:
                own[name] = entries.typed(value)
        for member in self.members:
            own[f"m{member.pk}_cover"] = member.cover or ""
        return own

    def _commune(self):
        code = self.data.get("commune")
        return next((commune for commune in self.communes if commune.code == code), self.household.commune)

    # Fields ----------------------------------------------------------------------------------------------------------

    def _declare_fields(self) -> None:
        for member in self.members:
            self._declare_person(member)
        births = [(str(n), str(n)) for n in range(MOST_BIRTHS + 1)]
        self.fields["births"] = forms.ChoiceField(label=_("Naissances dans le ménage"), choices=births)
        for question in self.asked():
            self.fields[question.field] = _field(question)
        self.fields["commune"] = forms.ChoiceField(label=BY_FIELD["commune"].label, choices=by_province(self.communes))
        if self._commune().has_urban_center:
            self.fields["inside_center"] = _field(BY_FIELD["inside_center"])

    def _declare_person(self, member: Member) -> None:
        key, name = f"m{member.pk}", _named(member)
        self.fields[f"{key}_leaves"] = forms.BooleanField(label=_("{name} quitte le ménage").format(name=name), required=False)
        covers = [("", "–"), *Cover.choices] if member.cover is None else Cover.choices
        self.fields[f"{key}_cover"] = forms.ChoiceField(label=_("Couverture de {name}").format(name=name), choices=covers, required=False)
        if BY_FIELD["situation"].concerns({}, age=age_on(self.on, member.born_on), adult_age=0):
            groups = [("", _("pas de changement")), *OccupationGroup.choices]
            self.fields[f"{key}_job"] = forms.ChoiceField(
                label=_("Emploi déclaré de {name}").format(name=name), choices=groups, required=False
            )
        for field in self._person_answers(key):
            self.fields[f"{key}_{field}"] = _of(BY_FIELD[field], member)

    def _person_answers(self, key: str) -> Iterable[str]:
        """Questions of a person that this form was made to ask: a new milieu or a new head has some of its own."""
        sent = [name.removeprefix(f"{key}_") for name in self.data if name.startswith(f"{key}_")]
        return [field for field in sent if field in BY_FIELD and field not in ("cover", "job") and not hasattr(Household, field)]

    def asked(self) -> list[Question]:
        """The household's questions in the milieu imagined, but for the address."""
        return [q for q in household_questions(self.milieu) if q.section != "address" and q.kind != "flag" and self._shown(q)]

    def _shown(self, question: Question) -> bool:
        if question.field == "water_bills":
            return not self.household.water_in_electricity
        return question.kind != "fixed_dwelling" and question.concerns(self.data, age=None, adult_age=0)

    # The declaration imagined ----------------------------------------------------------------------------------------

    def declared(self) -> dict:
        """The household's answers with what this form changes."""
        answers = {**self.answers, "members": [dict(person) for person in self.answers["members"]], "commune": self.data.get("commune")}
        if self.data.get("inside_center"):
            answers["inside_center"] = self.data["inside_center"]
        for question in self.asked():
            self._answer(answers, question)
        for member, person in zip(self.members, answers["members"], strict=True):
            person |= self._of_person(member)
        gone = [f"m{member.pk}" for member in self.members if self.data.get(f"m{member.pk}_leaves")]
        if gone:
            answers = self._without(answers, gone)
        for number in range(int(self.data["births"]) if self.data.get("births", "").isdecimal() else 0):
            if answers["members"] and number < MOST_BIRTHS:
                answers = newborn(answers, number + 1, on=self.on)
        return answers

    def _answer(self, answers: dict, question: Question) -> None:
        name = question.field
        value = self.data.get(name, "")
        if value == self.own.get(name, "") and name in self.answers:
            return
        answers[name] = ([value] if value else None) if question.kind == "bills" else value
        answers.pop(f"{name}_none", None)

    def _of_person(self, member: Member) -> dict:
        key, adult = f"m{member.pk}", age_on(self.on, member.born_on) >= self.law.value("registration.adult_age")
        values = {field: self.data[f"{key}_{field}"] for field in self._person_answers(key) if self.data[f"{key}_{field}"]}
        if group := self.data.get(f"{key}_job"):
            values |= {
                "situation": Situation.EMPLOYED.value, "occupation": None, "occupation_group": group,
                "work_status": WorkStatus.EMPLOYEE_PRIVATE.value, "cover": FORMAL, "cover_quality": "principal",
            }  # fmt: skip
            if adult:
                values |= {"other_allowances": True, "other_allowances_scheme": "CNSS"}
        elif (cover := self.data.get(f"{key}_cover", "")) != (member.cover or ""):
            values |= {"cover": cover, "cover_quality": "principal" if adult else "dependant"}
        return values

    def _without(self, answers: dict, gone: list[str]) -> dict:
        head = events.proposed_head(answers, gone=gone, on=self.on, law=self.law)
        return events.departed(answers, gone, new_head=head, on=self.on)

    # What is wrong with it -------------------------------------------------------------------------------------------

    def refuse(self, problems: list[Problem], answers: Mapping) -> None:
        """The declaration's problems become this form's; a question of a person that was not asked yet is asked now."""
        keys, named = list(by_key(answers)), {f"m{member.pk}": member for member in self.members}
        for problem in problems:
            place, _dot, field = problem.path.removeprefix("members.").partition(".")
            if problem.path.startswith("members.") and field in BY_FIELD and place.isdecimal():
                name = f"{keys[int(place) - 1]}_{field}"
                if name not in self.fields and (member := named.get(keys[int(place) - 1])):
                    self.fields[name] = _of(BY_FIELD[field], member)
                    self.data = {**self.data, name: ""}
                self.problems.append(Problem(name, problem.sentence, question=problem.question))
            else:
                self.problems.append(problem)

    def full_clean(self) -> None:
        """Read already: what the declaration refused is what the form says."""
        self.cleaned_data, self._errors = {}, ErrorDict()
        for problem in self.problems:
            name = problem.path if problem.path in self.fields else None
            sentence = _("Répondez à cette question.") if problem.question and name else problem.sentence
            held = self._errors.setdefault(name or "__all__", self.error_class(renderer=self.renderer, field_id=name))
            held.append(sentence)

    # The page --------------------------------------------------------------------------------------------------------

    def people(self) -> list[Person]:
        return [self._person_line(member) for member in self.members]

    def _person_line(self, member: Member) -> Person:
        key = f"m{member.pk}"
        own = {f"{key}_leaves", f"{key}_cover", f"{key}_job"}
        others = [self[name] for name in self.fields if name.startswith(f"{key}_") and name not in own]
        job = self[f"{key}_job"] if f"{key}_job" in self.fields else None
        return Person(member, self[f"{key}_leaves"], self[f"{key}_cover"], job, others)

    def lines(self) -> list[Line]:
        kinds = {"bills": "half", "money": "half", "count": "step"}
        return [Line(self[question.field], kinds.get(question.kind, "")) for question in self.asked()]

    def place(self) -> list[BoundField]:
        return [self[name] for name in ("commune", "inside_center") if name in self.fields]


def _of(question: Question, member: Member) -> forms.Field:
    """A question about a person, who is named: the list of what is missing shows labels alone."""
    field = _field(question)
    field.label = _("{name} : {question}").format(name=_named(member), question=field.label)
    return field


def _field(question: Question) -> forms.Field:
    label = {"label": question.label}
    if question.kind == "yes_no":
        return forms.ChoiceField(choices=[("", "–"), ("true", _("oui")), ("false", _("non"))], **label)
    if question.kind == "choice":
        return forms.ChoiceField(choices=[("", "–"), *question.options()], **label)
    numeric = {"dir": "ltr", "autocomplete": "off", "inputmode": "decimal" if question.kind in ("bills", "money") else "numeric"}
    if question.kind in ("bills", "money"):
        label["label"] = _("{question} (dirhams par mois)").format(question=wording.QUESTIONS[question.id].capitalize())
    return forms.CharField(widget=forms.TextInput(attrs=numeric if question.kind != "text" else {}), **label)


def _touched(data: dict[str, str], quick: str, members: list[Member], law: Law) -> dict[str, str]:
    """The fields once the button pressed has done its work."""
    deed, _colon, name = quick.partition(":")
    if deed == "half" and name in BILLS:
        return data | {name: _half(data.get(name, ""))}
    if deed in ("more", "less") and name in BY_FIELD and BY_FIELD[name].kind == "count":
        return data | {name: _stepped(data.get(name, ""), 1 if deed == "more" else -1)}
    if deed == "birth":
        return data | {"births": str(min(int(_stepped(data.get("births", ""), 1)), MOST_BIRTHS))}
    if deed == COVER:
        open_to = law.value(NOT_COUNTED)
        return data | {f"m{member.pk}_cover": COVER for member in members if data.get(f"m{member.pk}_cover") in ("", *open_to)}
    return data


def _half(typed: str) -> str:
    try:
        return dirhams(entries.money(typed) // 2)
    except entries.Unreadable:
        return typed


def _stepped(typed: str, step: int) -> str:
    try:
        return str(max(entries.count(typed) + step, 0))
    except entries.Unreadable:
        return typed or "0"


def _named(member: Member) -> str:
    return member.name_ar if get_language() == "ar" else member.name_fr
