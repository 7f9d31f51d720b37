"""Two pages open on one draft: what each changed is kept, what both changed differently is shown to settle. Pure functions.

A page says with which answers it was opened, each as a short digest, and bears a mark of its own. An answer it left alone
gives way to what was written meanwhile; one that only it changed is written; one that both changed stays as it is until
somebody has seen both.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from . import drafts
from .entries import typed
from .questions import Question

MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True)
class Page:
    """What a page says of itself. Without a `base` it says nothing, and what it sends is written as it comes.

    `order` are the keys of the people as the page listed them: its pointers are positions in that list.
    `settled` is, for an answer shown twice, which of both was chosen and against which other: `mine:digest`.
    """

    mark: str = ""
    base: Mapping[str, str] = field(default_factory=dict)
    order: Sequence[str] = ()
    settled: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Clash:
    """One answer that two pages changed differently; `written` says who wrote the one that stands, and when."""

    question: Question
    mine: Mapping
    theirs: Mapping
    digest: str
    written: Mapping


def new_mark() -> str:
    return secrets.token_hex(6)


def read_page(data) -> Page:
    """From a form's fields; anything unreadable is as if the page said nothing."""
    try:
        base = json.loads(data.get("page_base", "") or "{}")
    except ValueError:
        base = {}
    base = {str(name): str(digest) for name, digest in base.items()} if isinstance(base, dict) else {}
    settled = {name.removeprefix("settle."): data.get(name) for name in data if name.startswith("settle.")}
    order = [key for key in data.get("page_order", "").split(" ") if key]
    return Page(data.get("page_mark", "")[:16], base, order, settled)


def digest(question: Question, answers: Mapping, order: Sequence[str]) -> str:
    """Of one answer as a form would show it, so that 2 and "2" are one; of a pointer, of whom it points to."""
    shown = drafts.fields([question], answers)
    if question.kind == "member":
        shown = {question.field: pointed(answers.get(question.field), order)}
    text = json.dumps(shown, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode("utf-8", "ignore"), digest_size=5).hexdigest()


def digests(questions: Iterable[Question], answers: Mapping, order: Sequence[str]) -> dict[str, str]:
    return {question.field: digest(question, answers, order) for question in questions}


def pointed(value, order: Sequence[str]) -> str:
    """The key of the person at this position; what is no position stands for itself."""
    text = typed(value)
    return order[int(text) - 1] if text.isdecimal() and 1 <= int(text) <= len(order) else text


def repointed(questions: Iterable[Question], answers: Mapping, *, before: Sequence[str], now: Sequence[str]) -> dict:
    """The same answers, their pointers turned from positions in one list of people to positions in another."""
    moved = dict(answers)
    for question in questions:
        if question.kind == "member" and typed(moved.get(question.field)) and before:
            key = pointed(moved[question.field], before)
            if key in before:
                moved[question.field] = list(now).index(key) + 1 if key in now else None
    return moved


def merge(
    questions: Iterable[Question], *, entered: Mapping, stored: Mapping, page: Page, written: Mapping, order: Sequence[str]
) -> tuple[dict, list[Clash]]:
    """(answers to write, answers to settle). `written` are the trail's lines by field; `order` the people's keys today."""
    changes: dict = {}
    clashes = []
    for question in questions:
        name = question.field
        mine, now, base = digest(question, entered, order), digest(question, stored, order), page.base.get(name)
        if mine == now:
            continue
        last = written.get(name, {})
        own = bool(page.mark) and last.get("page") == page.mark
        if base is None or own or base == now or page.settled.get(name) == f"{MINE}:{now}":
            changes |= _parts(question, entered)
        elif mine != base and page.settled.get(name) != f"{THEIRS}:{now}":
            clashes.append(Clash(question, _parts(question, entered), _parts(question, stored), now, last))
    return changes, clashes


def _parts(question: Question, answers: Mapping) -> dict:
    names = [question.field, f"{question.field}_none"] if question.kind == "bills" else [question.field]
    return {name: answers.get(name) for name in names}


def base_after(questions: Iterable[Question], *, entered: Mapping, stored: Mapping, page: Page, order: Sequence[str]) -> dict[str, str]:
    """With what the page may now say it was opened: what it wrote, and for the rest what it said before."""
    base = {}
    for question in questions:
        mine, now = digest(question, entered, order), digest(question, stored, order)
        base[question.field] = now if mine == now else page.base.get(question.field, now)
    return base
