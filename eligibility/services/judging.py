"""What keeps a proposal from becoming law: told when it is made, and asked again when it is signed."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from .. import law as legal
from .. import queries, wording
from ..models import Provision
from ..score import format_points, threshold_points

HORIZON = "policy.horizon_years"
UNREAD = object()
"""In place of a value that could not be read from what was typed: it is judged where it was read."""


def field_of(path: legal.Path) -> str:
    """What a part of a value is called among the fields of a proposal: "value", or "value-bands-0-first"."""
    return "-".join(map(str, ("value", *path)))


def _plain_line(typed: str) -> str:
    """A line as it was typed, made to have a decimal point."""
    return typed.strip().replace(",", ".")


def as_written(key: str, value: Any) -> Any:
    """A line typed with a comma or without its zeros, as the law writes it; any other value as it is."""
    if not isinstance(value, str) or wording.kind_of(key) != "threshold":
        return value
    plain = _plain_line(value)
    return plain if any(legal.faults_of(key, plain)) else format_points(threshold_points(plain))


def proposal_problems(*, key: str, since: date | None, value: Any, source: str, reason: str, on: date) -> dict[str, str]:
    """Everything that keeps a proposal from standing, by field; a day that could not be read is None and judged elsewhere."""
    if key not in legal.declared_keys():
        return {"key": wording.fault(legal.Fault("unknown_key", key=key))}
    value = as_written(key, value)
    problems = {} if value is UNREAD else _faults(key, value)
    if since is not None:
        if wrong := _wrong_day(key, since, on=on):
            problems["since"] = wrong
        elif value is not UNREAD and not problems and (idle := _changes_nothing(key, since, value)):
            problems["value"] = idle
    if not source.strip():
        problems["source"] = _("Citez le texte d’où vient cette valeur.")
    if not reason.strip():
        problems["reason"] = _("Dites pourquoi cette valeur est proposée.")
    return problems


def _faults(key: str, value: Any) -> dict[str, str]:
    """The first fault of each part of the value."""
    problems: dict[str, str] = {}
    for fault in legal.faults_of(key, value):
        problems.setdefault(field_of(fault.path), wording.fault(fault))
    return problems


def _wrong_day(key: str, since: date, *, on: date) -> str:
    """A day before one already voted may be chosen: what is voted for that later day takes over on it."""
    if since < on:
        return _(
            "La date d’effet est passée : une disposition ne revient pas sur des droits déjà lus. Choisissez aujourd’hui ou plus tard."
        )
    if too_far := _too_far(key, since, on=on):
        return too_far
    try:
        legal.check_since(key, since)
    except legal.Fault as fault:
        return wording.fault(fault)
    return ""


def _too_far(key: str, since: date, *, on: date) -> str:
    """The sentence for a day beyond the horizon: most often a mistyped year. A day the key already has may be voted again."""
    law = queries.law(on)
    if not law.has(HORIZON):
        return ""
    years = law.value(HORIZON)
    near = (since.year - years, since.month, since.day) <= (on.year, on.month, on.day)
    if near or Provision.objects.filter(key=key, since=since).exists():
        return ""
    longest = wording.lines(HORIZON, years)[0].text
    return _("Cette date d’effet est trop lointaine (%(longest)s au plus) : vérifiez l’année.") % {"longest": longest}


def _changes_nothing(key: str, since: date, value: Any) -> str:
    """The sentence for a value that is already the law of that day; empty when it would change it."""
    in_force = queries.law(since)
    if not in_force.has(key):
        return _("Rien n’est en vigueur à cette date : il n’y a rien à abroger.") if value is None else ""
    if value is None or as_written(key, in_force.value(key)) != value:
        return ""
    return _("C’est déjà ce qui est en vigueur à cette date : rien ne changerait.")
