"""What the pages of a registration say of those registered already who look like somebody in the draft."""

from dataclasses import dataclass

from rsu import wording
from rsu.models import User

from . import drafts, forms, queries, services
from .declaration import Declaration
from .duplicates import meeting, pairs, words
from .models import DuplicatePair, Member, Request


@dataclass(frozen=True)
class Resembling:
    """A registered person on the page: why they look like the one being registered, and what differs."""

    member: Member
    why: list[str]
    differs: list[str]
    mark: str

    @property
    def born(self) -> str:
        """As far as it is known."""
        patterns = {"year": "Y", "month": "YEAR_MONTH_FORMAT"}
        return wording.day(self.member.born_on, patterns.get(self.member.birth_precision, "DATE_FORMAT"))


@dataclass(frozen=True)
class Meeting:
    """What the page says of one person of the draft; `claimable`: the IDCS is borne, and may be claimed."""

    key: str
    name: str
    alike: list[Resembling]
    elsewhere: bool
    claimable: bool
    claim: DuplicatePair | None

    def __bool__(self) -> bool:
        return bool(self.alike or self.elsewhere or self.claimable or self.claim)


def context(kept: Request, found: Declaration, answers: dict, *, by: User, only: str | None = None) -> dict:
    """Context of the pages: a `Meeting` for each person who has one (`only`: that person's), and the households that look like this one.

    What it tells of a registered family is traced as it is told.
    """
    everybody = drafts.people(answers)
    people = [values | {"key": raw.get("key", "")} for raw, values in zip(everybody, found.members, strict=True)]
    names = {raw.get("key", ""): forms.label(raw, position) for position, raw in enumerate(everybody, start=1)}
    asked = [person for person in people if only in (None, person["key"])]
    apart = answers.get("not_same")
    own = [pk for pk in (kept.household_id, kept.other_id) if pk]
    found_alike = meeting.meet(
        people if only is None else asked,
        commune_id=kept.commune_id,
        phone=found.household.get("phone", ""),
        by=by,
        but=set(apart) if isinstance(apart, list) else set(),
        own=own,
    )
    claims = pairs.claims_of(kept.pk)
    theirs = Member.objects.filter(household__in=own).values_list("pk", flat=True)
    borne = queries.registered([person["idcs"] for person in asked if "idcs" in person], but=list(theirs))
    listed = []
    for person in asked:
        key = person["key"]
        alike = [_resembling(one, key) for one in found_alike.likenesses.get(key, [])]
        claimed = claims.get(key)
        listed.append(Meeting(key, names[key], alike, key in found_alike.elsewhere, person.get("idcs") in borne and not claimed, claimed))
    services.record_met(
        request=kept,
        members=[one.member for told in listed for one in told.alike],
        households=[one.household for one in found_alike.households],
        by=by,
    )
    return {
        "meetings": [one for one in listed if one],
        "same_households": found_alike.households,
        "met_more": found_alike.more,
        "likenesses": bool(found_alike.households or any(one.alike for one in listed)),
    }


def _resembling(one: meeting.Likeness, key: str) -> Resembling:
    agrees = [words.sentence(field, level) for field, level in one.agrees if field != "sex"]
    return Resembling(one.member, agrees, [words.sentence(field, "other") for field in one.differs], f"{key}:{one.member.pk}")
