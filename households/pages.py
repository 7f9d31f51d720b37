"""What the pages of a registration show of a draft: its sections' states, its people, its answers read back."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.urls import reverse
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from rsu.wording import household_of

from . import drafts
from .ages import age_on
from .declaration import Declaration
from .entries import typed, without_unit
from .forms import QuestionsForm, Row, label
from .problems import Problem
from .questions import BY_FIELD, SECTIONS, Question, household_questions, person_questions

COMPLETE, UNFINISHED, WRONG, WAITING = "complete", "unfinished", "wrong", "waiting"


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
    start = f"members.{drafts.position_of(work.answers, key)}."
    found = [problem for problem in work.found.problems if problem.path.startswith(start)]
    return [replace(problem, path=problem.path.removeprefix(start)) for problem in found]


def state_of(problems: list[Problem]) -> str:
    """Complete, to finish when answers are only missing, wrong as soon as one is."""
    if not problems:
        return COMPLETE
    return UNFINISHED if all(problem.missing for problem in problems) else WRONG


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


def to_members(token) -> str:
    return reverse("households:draft", kwargs={"token": token, "section": "members"})


def parts(form: QuestionsForm, titles: Mapping) -> list[tuple[str, list[Row]]]:
    rows = form.rows()
    return [(str(title), [row for row in rows if row.question.section == part]) for part, title in titles.items()]


@dataclass(frozen=True)
class Person:
    key: str
    name: str
    name_ar: str
    relation: str
    birth: str
    idcs: str
    state: str
    answers: list[tuple[str, str]]


def people(answers: Mapping, found: Declaration, *, on: date, adult_age: int) -> list[Person]:
    """The people as typed so far, each with the state of their page and their answers in words."""
    listed, everybody = [], drafts.people(answers)
    for position, member in enumerate(everybody, start=1):
        problems = [problem for problem in found.problems if problem.path.startswith(f"members.{position}.")]
        arabic = f"{typed(member.get('first_name_ar'))} {typed(member.get('last_name_ar'))}".strip()
        relation = shown(BY_FIELD["relation"], member, [])
        words = _in_words(member, found.members[position - 1], everybody, milieu=found.milieu, on=on, adult_age=adult_age)
        name, idcs = label(member, position), typed(member.get("idcs"))
        listed.append(Person(member["key"], name, arabic, relation, _birth(member), idcs, state_of(problems), words))
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
            return _("%(amount)s MAD") % {"amount": without_unit(text)} if text else ""
        case _:
            return text


def _shown_bills(name: str, answers: Mapping) -> str:
    value = answers.get(name)
    if value == []:
        return _("aucune facture")
    months = [typed(month) for month in value] if isinstance(value, list) else []
    return " · ".join(_("%(amount)s MAD") % {"amount": without_unit(month)} if month else "–" for month in months)


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
