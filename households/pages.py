"""What the pages of a registration show of a draft: its sections' states, its people, its answers read back."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from rsu import numerals
from rsu.models import User
from rsu.wording import household_of

from . import drafts
from .ages import age_on
from .declaration import Declaration
from .entries import Unreadable, money, typed, without_unit
from .forms import QuestionsForm, Row, label
from .merging import Clash
from .problems import Problem
from .questions import BY_FIELD, SECTIONS, Question, household_questions, person_questions

COMPLETE, UNFINISHED, WRONG, WAITING = "complete", "unfinished", "wrong", "waiting"
TO_CONFIRM, FREE = "to_confirm", "free"


def questions_of(found: Declaration, section: str) -> list[Question]:
    return household_questions(found.milieu, section)


def of_section(problems: Iterable[Problem], section: str) -> list[Problem]:
    """Problems of one section; those of a person belong to the people's."""
    return [problem for problem in problems if section_of(problem.path) == section]


def section_of(path: str) -> str:
    field = path.split(".")[0]
    return "members" if field in ("members", "") else BY_FIELD[field].section


def of_person(work, key: str) -> list[Problem]:
    """One person's problems, their paths cut to the field's name."""
    return at_position(work.found.problems, drafts.position_of(work.answers, key))


def at_position(problems: Iterable[Problem], position: int | None) -> list[Problem]:
    """The problems of the person at this place, their paths cut to the field's name."""
    start = f"members.{position}."
    return [replace(problem, path=problem.path.removeprefix(start)) for problem in problems if problem.path.startswith(start)]


def state_of(problems: list[Problem]) -> str:
    """Complete, wrong as soon as an answer is, to finish when some are missing, to confirm when only that is left."""
    if not problems:
        return COMPLETE
    if any(not problem.missing and not problem.confirm for problem in problems):
        return WRONG
    return UNFINISHED if any(problem.missing for problem in problems) else TO_CONFIRM


@dataclass(frozen=True)
class Step:
    name: str
    title: str
    url: str
    state: str
    current: bool


def frame(answers: Mapping, found: Declaration, kept, current: str) -> dict:
    """What every page of one draft shows around its own content."""
    steps = []
    for name, title in SECTIONS.items():
        asked = found.milieu is not None or name in ("address", "members")
        state = state_of(of_section(found.problems, name)) if asked else WAITING
        url = reverse("households:draft", kwargs={"token": kept.token, "section": name})
        steps.append(Step(name, str(title), url, state, name == current))
    files = reverse("households:evidence", kwargs={"token": kept.token})
    steps.append(Step("evidence", _("Pièces justificatives"), files, FREE, current == "evidence"))
    return {"steps": steps, "draft": kept, "token": kept.token, "milieu": found.milieu, "on_summary": current == "summary"}


def after(token, section: str) -> str:
    """Where a section well answered leads: the next one, the summary after the last."""
    names = list(SECTIONS)
    following = names[names.index(section) + 1 :]
    if not following:
        return reverse("households:summary", kwargs={"token": token})
    return reverse("households:draft", kwargs={"token": token, "section": following[0]})


def draft_title(kept) -> str:
    """How a draft is called in a list: by its head, or its first person, or its date alone."""
    members = drafts.people(kept.answers)
    place = next((place for place, member in enumerate(members, start=1) if member.get("relation") == "head"), 1)
    return household_of(label(members[place - 1], place)) if members else _("Ménage sans nom")


def veiled_title(kept) -> str:
    """A colleague's draft before it is taken up: initials, no name."""
    members = drafts.people(kept.answers)
    head = next((member for member in members if member.get("relation") == "head"), members[0] if members else {})
    words = f"{typed(head.get('first_name_fr'))} {typed(head.get('last_name_fr'))}".split()
    initials = "\u00a0".join(f"{word[0].upper()}." for word in words)
    return household_of(initials) if initials else _("Ménage sans nom")


def to_members(token) -> str:
    return reverse("households:draft", kwargs={"token": token, "section": "members"})


@dataclass(frozen=True)
class Settling:
    """An answer two pages changed, as its page shows it: both in words, and who wrote the one that stands."""

    field: str
    digest: str
    mine: str
    theirs: str
    who: User | None
    at: datetime | None


def settlings(clashes: Iterable[Clash], members: list[Mapping]) -> dict[str, Settling]:
    """By field; one query for everybody named."""
    clashes = list(clashes)
    users = User.objects.in_bulk({clash.written.get("by") for clash in clashes} - {None}) if clashes else {}
    return {
        clash.question.field: Settling(
            clash.question.field,
            clash.digest,
            shown(clash.question, clash.mine, members) or "–",
            shown(clash.question, clash.theirs, members) or "–",
            users.get(clash.written.get("by")),
            _instant(clash.written.get("at")),
        )
        for clash in clashes
    }


def _instant(text: str | None) -> datetime | None:
    return timezone.localtime(datetime.fromisoformat(text)) if text else None


def gone_sentence(written: Mapping) -> str:
    """Who took the person of this page out of the draft, and what its button does now."""
    who, at = User.objects.filter(pk=written.get("by")).first(), _instant(written.get("at"))
    if who is None or at is None:
        return _("Cette personne a été retirée du brouillon. Vos réponses sont sur cette page : gardez-les pour la remettre.")
    sentence = _(
        "%(name)s a retiré cette personne du brouillon à %(time)s. Vos réponses sont sur cette page : gardez-les pour la remettre."
    )
    return sentence % {"name": who, "time": at.strftime("%H:%M")}


def last_names(answers: Mapping) -> dict[str, list[str]]:
    """Family names already given in this household, proposed again for each person: in Latin letters, in Arabic."""
    members = drafts.people(answers)
    return {
        name: list(dict.fromkeys(filter(None, (typed(member.get(name)) for member in members))))
        for name in ("last_name_fr", "last_name_ar")
    }


def couple_of(answers: Mapping, *, besides: int) -> dict | None:
    """What the head's couple lets the page propose for a spouse or a child: nothing when there are several wives to choose from."""
    members = drafts.people(answers)
    head = next((place for place, member in enumerate(members, start=1) if member.get("relation") == "head" and place != besides), None)
    if head is None:
        return None
    spouses = [place for place, member in enumerate(members, start=1) if member.get("relation") == "spouse" and place != besides]
    sexes = {"female": "mother", "male": "father"}
    parents = {sexes[members[place - 1]["sex"]]: place for place in (head, *spouses[:1]) if members[place - 1].get("sex") in sexes}
    if len(spouses) > 1:
        parents = {role: place for role, place in parents.items() if place == head}
    father = members[parents["father"] - 1] if "father" in parents else {}
    names = {name: typed(father.get(name)) for name in ("last_name_fr", "last_name_ar")}
    return {"head": head, **parents, **{name: text for name, text in names.items() if text}}


def parts(form: QuestionsForm, titles: Mapping) -> list[tuple[str, list[Row]]]:
    rows = form.rows()
    return [(str(title), [row for row in rows if row.question.section == part]) for part, title in titles.items()]


TIES = ("relation", "spouse", "mother", "father", "marital_status", "birth_year")
"""Answers that tie a person to the others: what is wrong in them is told on the picture of the family."""


@dataclass(frozen=True)
class Person:
    """Somebody as typed so far; `link`, `sex` and the pointers are what the family's picture is drawn from."""

    key: str
    name: str
    name_ar: str
    relation: str
    birth: str
    idcs: str
    state: str
    answers: list[tuple[str, str]]
    pk: int
    link: str
    sex: str
    spouse_id: int | None
    mother_id: int | None
    father_id: int | None
    age: int | None
    troubles: list[str]


def people(answers: Mapping, found: Declaration, *, on: date, adult_age: int) -> list[Person]:
    """The people as typed so far, each with the state of their page and their answers in words."""
    listed, everybody = [], drafts.people(answers)
    for position, member in enumerate(everybody, start=1):
        problems = [problem for problem in found.problems if problem.path.startswith(f"members.{position}.")]
        arabic = drafts.name_ar(member)
        relation = shown(BY_FIELD["relation"], member, [])
        words = _in_words(member, found.members[position - 1], everybody, milieu=found.milieu, on=on, adult_age=adult_age)
        values = found.members[position - 1]
        listed.append(
            Person(
                member["key"], label(member, position), arabic, relation, _birth(member), typed(member.get("idcs")), state_of(problems), words,
                pk=position, link=typed(member.get("relation")), sex=typed(member.get("sex")), spouse_id=values.get("spouse"),
                mother_id=values.get("mother"), father_id=values.get("father"),
                age=age_on(on, values["born_on"]) if "born_on" in values else None,
                troubles=[problem.sentence for problem in problems if problem.path.split(".")[-1] in TIES and not problem.missing],
            )
        )  # fmt: skip
    return listed


def _birth(member: Mapping) -> str:
    day, month, year = (typed(member.get(f"birth_{part}")) for part in ("day", "month", "year"))
    return " ".join(filter(None, (day, str(MONTHS.get(int(month), month)) if month.isdecimal() else month, year)))


def shown(question: Question, answers: Mapping, members: list[Mapping]) -> str:
    """An answer in words; one that cannot be read is shown as it was typed."""
    value = answers.get(question.field)
    text = typed(value)
    match question.kind:
        case "bills":
            return _shown_bills(question.field, answers)
        case "yes_no" | "flag":
            return {"true": _("oui"), "false": _("non")}.get(text, text)
        case "fixed_dwelling":
            return _("non, sans logement fixe") if text == "none" else _("oui")
        case "choice":
            return str(dict(question.options()).get(text, text))
        case "month":
            return str(MONTHS.get(int(text), text)) if text.isdecimal() else text
        case "member":
            known = text.isdecimal() and 1 <= int(text) <= len(members)
            return label(members[int(text) - 1], int(text)) if known else text or _("ne vit pas ici")
        case "money":
            return _amount(text) if text else ""
        case _:
            return text


def _amount(text: str) -> str:
    """An amount as the household's file writes it, left to right in a line of Arabic; one that cannot be read, as it was typed."""
    try:
        written = numerals.dirhams(money(text), trim=True)
    except Unreadable:
        written = without_unit(text)
    return _("%(amount)s MAD") % {"amount": f"\u2066{written}\u2069"}


def _shown_bills(name: str, answers: Mapping) -> str:
    value = answers.get(name)
    if value == []:
        return _("aucune facture")
    months = [typed(month) for month in value] if isinstance(value, list) else []
    return " · ".join(_amount(month) if month else "–" for month in months)


def read_back(answers: Mapping, found: Declaration) -> list[dict]:
    """Each section of the household's own questions with its answers in words, only those that are asked."""
    sections = []
    for name, title in SECTIONS.items():
        if name == "members":
            continue
        asked = [q for q in questions_of(found, name) if q.concerns(answers, age=None, adult_age=0)]
        questions = [q for q in asked if q.field not in ("commune", "inside_center")]
        rows = [(question.label, shown(question, answers, [])) for question in questions]
        sections.append({"name": name, "title": title, "rows": rows, "asked": found.milieu is not None or name == "address"})
    return sections


def _in_words(member: Mapping, values: Mapping, members: list, *, milieu: str | None, on: date, adult_age: int) -> list[tuple[str, str]]:
    """One person's answers, identity apart, only those that concern them."""
    age = age_on(on, values["born_on"]) if "born_on" in values else None
    questions = [q for q in person_questions(milieu) if q.section != "identity" and q.concerns(member, age=age, adult_age=adult_age)]
    rows = [(str(question.label), shown(question, member, members)) for question in questions]
    return [(question, answer) for question, answer in rows if answer]


def problem_links(answers: Mapping, found: Declaration, token) -> list[tuple[str, str, str]]:
    """(page to open, who or what, sentence) for everything to mend before sending."""
    members, links = drafts.people(answers), []
    for problem in found.problems:
        inside = re.fullmatch(r"members\.(\d+)\.(\w+)", problem.path)
        if inside and int(inside[1]) <= len(members):
            position = int(inside[1])
            member = members[position - 1]
            url = reverse("households:person", kwargs={"token": token, "key": member["key"]})
            links.append((f"{url}?check#{inside[2]}_row", label(member, position), _told(problem)))
        else:
            section = section_of(problem.path)
            url = reverse("households:draft", kwargs={"token": token, "section": section})
            links.append((f"{url}?check#{problem.path}_row", str(SECTIONS[section]), _told(problem)))
    return links


def _told(problem: Problem) -> str:
    """The question, then that it has no answer; else what is wrong."""
    return _("%(question)s – sans réponse") % {"question": problem.question} if problem.question else problem.sentence


def warnings(answers: Mapping, found: Declaration, *, on: date) -> list[str]:
    """What deserves a second look and forbids nothing."""
    sentences = []
    head = next((place for place, member in enumerate(found.members, start=1) if member.get("relation") == "head"), None)
    spouses = {place for place, member in enumerate(found.members, start=1) if member.get("relation") == "spouse"}
    for position, (member, raw) in enumerate(zip(found.members, drafts.people(answers), strict=True), start=1):
        words = {"name": label(raw, position)}
        if member.get("cin") and not re.fullmatch(r"[A-Z]{1,2}[0-9]{1,6}", member["cin"]):
            sentence = _("%(name)s : le numéro de CIN n’a pas la forme habituelle (une ou deux lettres, puis six chiffres au plus).")
            sentences.append(sentence % words)
        if member.get("permit_until") and member["permit_until"] < on:
            sentences.append(_("%(name)s : le titre de séjour est arrivé à sa fin.") % words)
        if member.get("relation") == "child" and not {member.get("mother"), member.get("father")} & ({head} | spouses):
            sentences.append(
                _("%(name)s est fils ou fille du chef, mais ni sa mère ni son père n’est désigné dans le couple du chef.") % words
            )
    return sentences
