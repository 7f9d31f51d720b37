"""The columns of a file of households, made from the questions a family is asked, and what a cell says in the words of a declaration.

A heading is a column's own name (`rooms`) or its question in French or in Arabic; an answer is a code or its words in either language.
Nothing is judged here: a cell that says nothing known is passed on as written, and the declaration's own checks find it.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils.translation import gettext as _
from django.utils.translation import override
from openpyxl.utils.datetime import from_excel

from ..entries import western
from ..questions import HOUSEHOLD, PERSON, Question

FRENCH, ARABIC = "fr", "ar"
GROUP, BORN_ON, CONFIRMED = "menage", "born_on", "confirmed"
BIRTH = ("birth_day", "birth_month", "birth_year")
MONTHS = (1, 2, 3)
_MARKS = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "ـ": None, "\u00a0": " ", "\u202f": " "})
_HIDDEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def folded(text: str) -> str:
    """The text as headings and answers are compared: no case, accent, vowel sign or double space; Western digits."""
    parts = unicodedata.normalize("NFKD", western(_HIDDEN.sub("", text)).translate(_MARKS)).casefold()
    return " ".join("".join(part for part in parts if not unicodedata.combining(part)).split())


@dataclass(frozen=True)
class Column:
    """`name` is what a program writes; `headings` are what people may write instead; `question` is what the cell answers."""

    name: str
    headings: Mapping[str, str]
    question: Question | None = None
    person: bool = True
    aliases: tuple[str, ...] = ()
    hint: Mapping[str, str] = field(default_factory=dict)
    needed: bool = False

    def known_as(self) -> set[str]:
        return {folded(text) for text in (self.name, *self.headings.values(), *self.aliases)}


def in_both(words) -> dict[str, str]:
    """A sentence of the catalog, or what a function says, in French and in Arabic."""
    said = {}
    for language in (FRENCH, ARABIC):
        with override(language):
            said[language] = str(words() if callable(words) else words)
    return said


@lru_cache(maxsize=1)
def household_columns() -> tuple[Column, ...]:
    """Every column of a file of households, in the order of the template."""
    columns = [
        Column(GROUP, in_both(lambda: _("Ménage")), aliases=("household",), needed=True,
               hint=in_both(lambda: _("La même marque sur chaque ligne d’un même ménage : un numéro, un code, au choix."))),
    ]  # fmt: skip
    questions: dict[str, list[Question]] = {}
    for question in (*PERSON, *HOUSEHOLD):
        questions.setdefault(question.field, []).append(question)
    for asked in questions.values():
        columns += _of_question(asked)
    columns.append(
        Column(CONFIRMED, in_both(lambda: _("Réponses rares confirmées")), person=False,
               hint=in_both(lambda: _("Les codes donnés par le fichier des refus, quand la famille confirme une réponse rare.")))
    )  # fmt: skip
    return tuple(columns)


def _of_question(asked: list[Question]) -> list[Column]:
    """One column a question; a day of birth may also be written whole, and bills take one column a month."""
    first, person = asked[0], asked[0] in PERSON
    words = [in_both(question.label) for question in asked]
    hint = {language: _hint(first, language) for language in (FRENCH, ARABIC)}
    if first.kind == "bills":
        return _of_bills(first, words[0], hint)
    others = tuple(text for other in words[1:] for text in other.values())
    column = Column(first.field, words[0], first, person, others, hint, needed=first.needed and not first.who.words)
    if first.field != "birth_year":
        return [column]
    whole = Column(BORN_ON, in_both(lambda: _("Date de naissance")), None, True, (), in_both(lambda: _("Jour, mois, année.")))
    return [whole, column]


def _of_bills(question: Question, words: Mapping[str, str], hint: Mapping[str, str]) -> list[Column]:
    def titled(sentence, **values):
        said = {}
        for language in (FRENCH, ARABIC):
            with override(language):
                said[language] = sentence() % {"question": words[language], **values}
        return said

    months = [
        Column(f"{question.field}_{n}", titled(lambda: _("%(question)s : mois %(number)s"), number=n), question, False, (), hint)
        for n in MONTHS
    ]
    none = Column(f"{question.field}_none", titled(lambda: _("%(question)s : aucune facture")), question, False, (), {})
    return [*months, none]


def _hint(question: Question, language: str) -> str:
    with override(language):
        return " ".join(filter(None, (str(question.hint), f"[{question.who.words}]" if question.who.words else "")))


@lru_cache(maxsize=1)
def household_names() -> dict[str, str]:
    """Folded heading -> column name. Two questions put in the same words keep the first: the others go by their own name."""
    names: dict[str, str] = {}
    for column in household_columns():
        for heading in column.known_as():
            names.setdefault(heading, column.name)
    return names | {folded(column.name): column.name for column in household_columns()}


# What a cell says ------------------------------------------------------------------------------------------------------------------

YES, NO = {"oui", "yes", "true", "vrai", "نعم"}, {"non", "no", "false", "faux", "لا"}
_YES, _NO = {folded(word) for word in YES}, {folded(word) for word in NO}
EPOCH_DAYS = range(10_000, 80_000)
"""Days a workbook may have counted from 1900, five digits so that a year is never one: from 1927 to 2119."""


@lru_cache(maxsize=64)
def codes_of(question: Question) -> dict[str, str]:
    """Folded words -> code, those of both languages, with and without what stands in brackets when only one answer bears them."""
    words: dict[str, set[str]] = {}
    for language in (FRENCH, ARABIC):
        with override(language):
            for code, label in question.options():
                text = str(label)
                for said in (text, re.sub(r"\s*\(.*?\)", "", text)):
                    words.setdefault(folded(said), set()).add(str(code))
    single = {said: next(iter(codes)) for said, codes in words.items() if said and len(codes) == 1}
    return single | {folded(str(code)): str(code) for code, _label in question.options()}


def answer(question: Question, text: str):
    """A cell as the declaration would have it typed."""
    match question.kind:
        case "choice" | "fixed_dwelling":
            return _chosen(question, text)
        case "yes_no" | "flag":
            return True if folded(text) in _YES else False if folded(text) in _NO else text
        case "day":
            return day(text)
        case "phone" if re.fullmatch(r"[5-7][0-9]{8}", text):
            return f"0{text}"  # a workbook that took it for a number dropped its zero
        case _:
            return text


def _chosen(question: Question, text: str) -> str:
    found = codes_of(question).get(folded(text))
    if found is None and question.field == "dwelling_type" and folded(text) in _NO:
        return "none"  # in town the question is whether the household has a fixed dwelling
    return text if found is None else found


def day(text: str) -> str:
    """A day a workbook counted from 1900 as a date; anything else as written."""
    digits = western(text.strip())
    if len(digits) == 5 and digits.isascii() and digits.isdigit() and int(digits) in EPOCH_DAYS:
        return f"{from_excel(int(digits)):%Y-%m-%d}"
    return text
