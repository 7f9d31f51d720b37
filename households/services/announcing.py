"""Births, deaths and marriages that the population register announces: a draft request in the family's hands, and its clock.

Nobody is added or removed here. A birth proposes a child in the mother's household, a death the departure of the dead person;
a marriage contradicts an answer, and is settled like any other. A constant number of statements a lot.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from django.utils.translation import gettext as _

from rsu import audit
from rsu.authentication import engine
from rsu.models import User

from .. import events
from ..declared import BIRTH, answers_of, as_typed, key_of
from ..models import AnswerConflict, Household, Import, Member, Request, RequestMove, Verification
from ..sheets import feeds
from ..sheets.columns import BORN_ON
from ..sheets.families import Row
from .feeding import Read, Verified, Word, open_conflicts, people_here, set_unknown, sound_rows, take_words
from .requesting import touched_by
from .verifying import ANSWER_DAYS

Kind, Status, Occasion = Import.Kind, AnswerConflict.Status, Request.Occasion


@dataclass(frozen=True)
class Family:
    """A household with its people and its present answers, each read once for the lot."""

    household: Household
    members: list[Member]
    answers: dict


def announce(importing: Import, sound: Sequence[Read], done: Verified, *, on: date, law) -> None:
    """What these events make of the registry; inside the caller's transaction."""
    takers = {Kind.BIRTHS: _births, Kind.DEATHS: _deaths, Kind.MARRIAGES: _marriages}
    takers[importing.kind](importing, sound, done, on=on, law=law)


def verify_rows(importing: Import, rows: Sequence[Row], *, on: date, law) -> Verified:
    """Keep what the partner says of people of the sender's area, and open what contradicts it. A row already known says nothing new."""
    done = Verified()
    sound = sound_rows(importing, rows, done, on=on, law=law)
    take = announce if importing.kind in feeds.OF_EVENTS else take_words
    take(importing, sound, done, on=on, law=law)
    return done


# Marriages -------------------------------------------------------------------------------------------------------------------------


def _marriages(importing: Import, sound: Sequence[Read], done: Verified, *, on: date, law) -> None:
    people = people_here(importing, (one.statement.idcs for one in sound))
    set_unknown(done, (one for one in sound if one.statement.idcs not in people))
    known = [one for one in sound if one.statement.idcs in people]
    latest = _latest_acts(importing, people)
    verified, conflicts = [], []
    for one in known:
        event, member = one.statement, people[one.statement.idcs]
        status = event.details[feeds.MARITAL]
        said = (event.on.isoformat(), status)
        if latest.get(event.idcs, ("", "")) >= said:
            done.already += 1
            continue
        details = {"since": event.on.isoformat()} | _spouse(event)
        word = Word(member, {feeds.MARITAL: status}, (feeds.MARITAL,), event.as_of, details)
        verified.append(
            Verification(
                idcs=event.idcs, field=feeds.MARITAL, value=status, details=details, agency=importing.agency, importing=importing,
                as_of=event.as_of,
            )
        )  # fmt: skip
        if word.contrary:
            conflicts.append(word)
            done.contradicted += 1
        else:
            done.applied += 1
    Verification.objects.bulk_create(verified)
    open_conflicts(importing, feeds.MARITAL, conflicts, on=on, law=law)


def _spouse(event: feeds.Event) -> dict:
    return {"spouse": event.details[feeds.SPOUSE]} if feeds.SPOUSE in event.details else {}


def _latest_acts(importing: Import, idcs: Iterable[str]) -> dict[str, tuple[str, str]]:
    """IDCS -> (day of the act, status) of the latest act known: an act is older or newer by its own day, not by its delivery's."""
    found: dict[str, tuple[str, str]] = {}
    rows = Verification.objects.filter(idcs__in=idcs, agency=importing.agency, field=feeds.MARITAL).order_by("id")
    for number, value, details in rows.values_list("idcs", "value", "details"):
        found[number] = max(found.get(number, ("", "")), (details.get("since", ""), value))
    return found


# Births and deaths -----------------------------------------------------------------------------------------------------------------


def _births(importing: Import, sound: Sequence[Read], done: Verified, *, on: date, law) -> None:
    """The child is proposed where the mother lives; one who is registered already is verified."""
    mothers = people_here(importing, (one.statement.details[feeds.MOTHER] for one in sound))
    children = people_here(importing, (one.statement.idcs for one in sound))
    born, otherwise, proposed = [], [], []
    for one in sound:
        event = one.statement
        if child := children.get(event.idcs):
            word = Word(child, {BORN_ON: event.on.isoformat()}, (BORN_ON,), event.as_of, {})
            otherwise.append(word) if word.contrary else born.append(event)
        elif event.details[feeds.MOTHER] in mothers:
            proposed.append((one, mothers[event.details[feeds.MOTHER]]))
        else:
            set_unknown(done, [one])
    _verify_births(importing, born, done)
    done.contradicted += len(otherwise)
    open_conflicts(importing, BORN_ON, otherwise, on=on, law=law)
    _propose(importing, AnswerConflict.BIRTH, proposed, done, on=on, law=law)


def _verify_births(importing: Import, born: Sequence[feeds.Event], done: Verified) -> None:
    numbers = [event.idcs for event in born]
    said = Verification.objects.filter(idcs__in=numbers, field=BORN_ON, agency=importing.agency)
    known = set(said.values_list("idcs", "as_of"))
    fresh = [event for event in born if (event.idcs, event.as_of) not in known]
    done.applied += len(fresh)
    done.already += len(born) - len(fresh)
    Verification.objects.bulk_create(
        Verification(
            idcs=event.idcs, field=BORN_ON, value=event.on.isoformat(), agency=importing.agency, importing=importing, as_of=event.as_of
        )
        for event in fresh
    )  # fmt: skip


def _deaths(importing: Import, sound: Sequence[Read], done: Verified, *, on: date, law) -> None:
    people = people_here(importing, (one.statement.idcs for one in sound))
    set_unknown(done, (one for one in sound if one.statement.idcs not in people))
    proposed = [(one, people[one.statement.idcs]) for one in sound if one.statement.idcs in people]
    _propose(importing, AnswerConflict.DEATH, proposed, done, on=on, law=law)


def _propose(importing: Import, name: str, proposed: Sequence[tuple[Read, Member]], done: Verified, *, on: date, law) -> None:
    """One contradiction and one draft an event; one that waits already, or that somebody said did not happen, is not asked again."""
    numbers = [one.statement.idcs for one, _member in proposed]
    asked = AnswerConflict.objects.filter(idcs__in=numbers, field=name, status__in=(Status.OPEN, Status.KEPT))
    known = {(number, status): verified for number, status, verified in asked.values_list("idcs", "status", "verified")}
    fresh = []
    for one, member in proposed:
        said = _verified(name, one.statement)
        number = one.statement.idcs
        if (number, Status.OPEN) in known or known.get((number, Status.KEPT)) == said:
            done.already += 1
        else:
            done.contradicted += 1
            fresh.append((one.statement, member, said))
    if not fresh:
        return
    families = _families({member.household_id for _event, member, _said in fresh})
    by = engine()
    drafts = [
        _draft(importing, name, event, member, families[member.household_id], on=on, by=by, law=law) for event, member, _said in fresh
    ]
    opened = _open_drafts(importing, drafts, by=by)
    due_on = on + timedelta(days=law.value(ANSWER_DAYS))
    AnswerConflict.objects.bulk_create(
        AnswerConflict(
            member=member, idcs=event.idcs, field=name, declared={}, verified=said, agency=importing.agency, importing=importing,
            as_of=event.as_of, opened_on=on, due_on=due_on, request=opened[draft.token],
        )
        for (event, member, said), draft in zip(fresh, drafts, strict=True)
    )  # fmt: skip


def _verified(name: str, event: feeds.Event) -> dict:
    """What the register says, as the contradiction keeps it."""
    if name == AnswerConflict.DEATH:
        return {feeds.DIED_ON: event.on.isoformat()}
    return {BORN_ON: event.on.isoformat()} | {key: event.details[key] for key in (*feeds.NAMES, feeds.SEX) if key in event.details}


def _families(ids: set[int]) -> dict[int, Family]:
    """These households, locked in the order of ids like everywhere, with what they say today."""
    rows = Household.objects.filter(pk__in=ids).select_related("commune").order_by("pk").select_for_update(of=("self",))
    households = list(rows)
    members: dict[int, list[Member]] = defaultdict(list)
    for member in Member.objects.filter(household__in=households).order_by("household_id", "position"):
        members[member.household_id].append(member)
    processed = Request.objects.filter(household__in=households, status=Request.Status.PROCESSED, answers__has_key="confirmed")
    confirmed = dict(
        processed.order_by("household_id", "-processed_at").distinct("household_id").values_list("household_id", "answers__confirmed")
    )
    return {
        one.pk: Family(one, members[one.pk], answers_of(one, confirmed=confirmed.get(one.pk) or [], members=members[one.pk]))
        for one in households
    }


def _draft(importing: Import, name: str, event: feeds.Event, member: Member, family: Family, *, on: date, by: User, law) -> Request:
    token = uuid5(NAMESPACE_URL, f"urn:rsu:feed:{importing.agency_id}:{name}:{event.idcs}:{event.on}:{importing.pk}")
    request = Request(token=token, household=family.household, commune=family.household.commune, created_by=by, before=family.answers)
    day = as_typed("day", event.on)
    if name == AnswerConflict.BIRTH:
        request.kind = Request.Kind.UPDATE
        request.reason = _("Naissance du %(day)s annoncée par %(agency)s.") % {"day": day, "agency": importing.agency}
        request.answers = _with_child(family, event, member)
    else:
        request.reason = _("Décès du %(day)s annoncé par %(agency)s.") % {"day": day, "agency": importing.agency}
        _of_death(request, family, event, member, on=on, law=law)
    request.touched = touched_by(request)
    return request


def _of_death(request: Request, family: Family, event: feeds.Event, member: Member, *, on: date, law) -> None:
    """Who lived alone leaves nobody: the household is to be struck off. Another head is proposed where the head has died."""
    if len(family.members) == 1:
        request.kind = Request.Kind.STRIKING_OFF
        request.answers, request.details = {}, {}
        return
    key = key_of(member)
    head = events.proposed_head(family.answers, gone=[key], on=on, law=law) if events.head_of(family.answers) == key else None
    request.kind, request.occasion = Request.Kind.UPDATE, Occasion.DEATH
    request.details = {"people": [key], "died_on": event.on.isoformat()} | ({"new_head": head} if head else {})
    request.answers = events.deceased(family.answers, key, died_on=event.on, new_head=head)


def _with_child(family: Family, event: feeds.Event, mother: Member) -> dict:
    """The family with the child as the register names it; what the register does not say is for the family to answer."""
    places = {one.idcs: place for place, one in enumerate(family.members, start=1)}
    child = {"key": f"n{event.idcs}", "idcs": event.idcs, "marital_status": "single", "mother": places[mother.idcs]}
    child |= {name: event.details[name] for name in (*feeds.NAMES, feeds.SEX) if name in event.details}
    child |= dict(zip(BIRTH, (str(event.on.year), str(event.on.month), str(event.on.day)), strict=True))
    if father := places.get(event.details.get(feeds.FATHER, "")):
        child["father"] = father
    if relation := RELATIONS.get(mother.relation):
        child["relation"] = relation
    return {**family.answers, "members": [*family.answers["members"], child]}


RELATIONS = {"head": "child", "spouse": "child", "child": "grandchild"}
"""What a child is to the head, by what its mother is; elsewhere the family says it."""


def _open_drafts(importing: Import, drafts: Sequence[Request], *, by: User) -> Mapping[UUID, Request]:
    """These requests, each with its first step and its trace."""
    Request.objects.bulk_create(drafts, ignore_conflicts=True)
    opened = {one.token: one for one in Request.objects.filter(token__in=[draft.token for draft in drafts])}
    RequestMove.objects.bulk_create(RequestMove(request=one, before="", after=Request.Status.DRAFT, by=by) for one in opened.values())
    about = [(one.household_id, {"request": one.pk, "kind": one.kind, "occasion": one.occasion}) for one in opened.values()]
    audit.record_each(by=importing.by, verb="request.announced", about=about, subject=f"import:{importing.pk}")
    return opened
