"""What an update changes: each answer that is not the one the household began with, in words, and who comes and who leaves.

People are the same when they bear the same key: an update's draft begins with the household's answers, keyed, and keeps a copy.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from . import drafts, merging
from .forms import label
from .pages import shown
from .questions import PERSON, household_questions


@dataclass(frozen=True)
class Difference:
    """`who` is empty for the household's own answers."""

    who: str
    question: str
    before: str
    after: str


def differences(before: Mapping, answers: Mapping, *, milieu: str | None) -> list[Difference]:
    """In the order of the questionnaire: the household's own, then each person's, then who came and who left."""
    found = _of_answers("", household_questions(milieu), before, answers, before, answers)
    old = {member.get("key"): member for member in drafts.people(before)}
    new = {member.get("key"): member for member in drafts.people(answers)}
    for position, member in enumerate(drafts.people(answers), start=1):
        if member.get("key") in old:
            found += _of_answers(label(member, position), PERSON, old[member["key"]], member, before, answers)
        else:
            found.append(Difference(label(member, position), _("Personne ajoutée"), "", label(member, position)))
    return found + [
        Difference(label(member, position), _("Personne retirée"), label(member, position), "")
        for position, member in enumerate(drafts.people(before), start=1)
        if member.get("key") not in new
    ]


def _of_answers(who: str, questions, old: Mapping, new: Mapping, before: Mapping, after: Mapping) -> list[Difference]:
    then, now = drafts.keys(before), drafts.keys(after)
    return [
        Difference(who, str(question.label), shown(question, old, drafts.people(before)), shown(question, new, drafts.people(after)))
        for question in questions
        if merging.digest(question, old, then) != merging.digest(question, new, now)
    ]
