"""Households and people as lists show them: by name in one's own work, elsewhere by initials and masked numbers."""

from django import template
from django.utils.safestring import SafeString

from households.models import Household, Member

from .rsu import household_code, isolated, other_name, person_name

register = template.Library()


@register.filter
def called(household: Household, who: Member | None) -> str:
    """The person's name, or initials; the household's code when nobody is there."""
    if who is None:
        return listed_code(household)
    return person_name(who) if is_own(household) else initials(person_name(who))


@register.filter
def also_called(household: Household, who: Member | None) -> str:
    """The name in the other script, in one's own work alone."""
    return other_name(who) if is_own(household) else ""


@register.filter
def listed_code(household: Household) -> SafeString:
    """The code, or its last five digits."""
    return household_code(household.code) if is_own(household) else isolated(listed_number(household))


@register.filter
def listed_number(household: Household) -> str:
    """The same as plain text, for an attribute."""
    return household.shown_code if is_own(household) else f"…{household.code[6:10]}-{household.code[10:]}"


@register.filter
def is_own(household: Household) -> bool:
    """What `permissions.mark_own` said; a list that did not ask shows nothing."""
    return getattr(household, "own", False)


def initials(name: str) -> str:
    return " ".join(f"{word[0]}." for word in name.replace("-", " ").split())


@register.filter
def called_in(who: Member, household: Household) -> str:
    """The same, the person first."""
    return called(household, who)
