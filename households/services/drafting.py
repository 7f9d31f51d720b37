"""A draft several people may have open: each page's answers merged, whoever takes it up traced, whoever is there seen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from rsu.audit import record
from rsu.models import User

from .. import drafts, merging
from ..merging import Clash, Page
from ..models import DraftHand, DraftPresence, DraftTrail, Request
from ..permissions import check_register, check_resume, check_work_on
from ..questions import Question
from .registering import commune_of, plain, take_in_hand

FADES_AFTER = timedelta(seconds=75)
"""A browser not seen for that long has left: pages say they are there every half minute."""
FORGOTTEN_AFTER = timedelta(days=1)


class PersonGone(Exception):
    """The person was taken out of the draft by somebody else; `written` says who did and when."""

    def __init__(self, written: Mapping) -> None:
        super().__init__(_("Cette personne a été retirée du brouillon."))
        self.written = written


@dataclass(frozen=True)
class Saved:
    """The request as it stands, the answers of the page, those to settle, and what the page may say it was opened with."""

    request: Request
    entered: Mapping = field(default_factory=dict)
    clashes: list[Clash] = field(default_factory=list)
    base: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def save_section(
    *, token, questions: Iterable[Question], entered: Mapping, confirmed: Iterable[str], page: Page, by: User, at: datetime, on: date
) -> Saved:
    """Keep one section of the household's own questions; a draft already sent is given back unchanged."""
    check_register(by, on=on)
    request, trail = _claim(token, by)
    if request.status != Request.Status.DRAFT:
        return Saved(request, entered)
    questions, order = list(questions), drafts.keys(request.answers)
    changes, clashes = merging.merge(
        questions, entered=entered, stored=request.answers, page=page, written=trail.written, order=order
    )  # fmt: skip
    _write(request, trail, drafts.amended(request.answers, changes, confirmed), paths=changes, page=page, by=by, at=at)
    base = merging.base_after(questions, entered=entered, stored=request.answers, page=page, order=order)
    return Saved(request, entered, clashes, base)


@transaction.atomic
def save_person(
    *,
    token,
    key: str,
    questions: Iterable[Question],
    entered: Mapping,
    confirmed: Iterable[str],
    page: Page,
    restore: bool = False,
    by: User,
    at: datetime,
    on: date,
) -> Saved:
    """Keep one person's answers. Raises PersonGone when somebody took the person out meanwhile, unless told to `restore`."""
    check_register(by, on=on)
    request, trail = _claim(token, by)
    if request.status != Request.Status.DRAFT:
        return Saved(request, entered)
    answers = request.answers
    if drafts.position_of(answers, key) is None:
        if not restore:
            raise PersonGone(trail.written.get(key, {}))
        answers = drafts.with_person(answers, key)
    questions, order = list(questions), drafts.keys(answers)
    entered = merging.repointed(questions, entered, before=page.order, now=order)
    stored = drafts.people(answers)[drafts.position_of(answers, key) - 1]
    written = {path.removeprefix(f"{key}."): line for path, line in trail.written.items() if path.startswith(f"{key}.")}
    changes, clashes = merging.merge(questions, entered=entered, stored=stored, page=page, written=written, order=order)
    answers = drafts.person_amended(answers, key, changes, confirmed)
    _write(request, trail, answers, paths=[f"{key}.{name}" for name in changes], page=page, by=by, at=at)
    stored = drafts.people(request.answers)[drafts.position_of(request.answers, key) - 1]
    base = merging.base_after(questions, entered=entered, stored=stored, page=page, order=order)
    return Saved(request, entered, clashes, base)


@transaction.atomic
def remove_person(*, token, key: str, by: User, at: datetime, on: date) -> Request:
    """Take a person out of the draft, and keep who did, for whoever has that person's page open."""
    check_register(by, on=on)
    request, trail = _claim(token, by)
    if request.status == Request.Status.DRAFT and drafts.position_of(request.answers, key) is not None:
        answers = drafts.without_person(request.answers, key)
        trail.written = {path: line for path, line in trail.written.items() if not path.startswith(f"{key}.")}
        _write(request, trail, answers, paths=[key], page=Page(), by=by, at=at)
    return request


@transaction.atomic
def resume_draft(*, token, at: datetime, on: date, by: User) -> Request:
    """Take up a colleague's draft: from now on it is also one's own. Asked twice, once."""
    check_register(by, on=on)
    request = Request.objects.select_for_update(of=("self",)).select_related("created_by").get(token=token)
    check_resume(by, request)
    _hand, fresh = DraftHand.objects.get_or_create(request=request, user=by, defaults={"since": at})
    if fresh:
        record(by=by, verb="draft.resumed", subject=f"request:{request.pk}", household=request.household_id, creator=request.created_by_id)
    return request


def be_present(*, request: Request, window: str, at: datetime, by: User) -> None:
    """Say that this browser has the draft open; one that had left comes back as of now. No deed: nothing is traced."""
    seen, fresh = DraftPresence.objects.get_or_create(
        request=request, user=by, window=window, defaults={"opened_at": at, "seen_at": at}
    )  # fmt: skip
    if not fresh:
        left = seen.seen_at < at - FADES_AFTER
        DraftPresence.objects.filter(pk=seen.pk).update(seen_at=at, **({"opened_at": at} if left else {}))
    else:
        DraftPresence.objects.filter(request=request, seen_at__lt=at - FORGOTTEN_AFTER).delete()


def _claim(token, by: User) -> tuple[Request, DraftTrail]:
    """The request of this token, locked, and its trail; Request.DoesNotExist when nobody began it."""
    request = Request.objects.select_for_update(of=("self",)).get(token=token)
    check_work_on(by, request)
    trail = DraftTrail.objects.filter(request=request).first() or DraftTrail(request=request, written={})
    return request, trail


def _write(request: Request, trail: DraftTrail, answers: dict, *, paths: Iterable[str], page: Page, by: User, at: datetime) -> None:
    request.answers = plain(answers)
    if request.kind == Request.Kind.REGISTRATION:
        request.commune = commune_of(request.answers, by)
    else:
        take_in_hand(request, by)
    request.save(update_fields=["answers", "commune", "saved_at"])
    line = {"page": page.mark, "by": by.pk, "at": at.isoformat()}
    trail.written = {**trail.written, **{path: line for path in paths}}
    trail.save()
