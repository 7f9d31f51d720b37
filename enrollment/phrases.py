"""Pieces of what is told to families: days, names, sums and sources kept with a notice, in the language that is spoken."""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from eligibility import wording
from eligibility.law import in_script
from rsu import numerals
from rsu.wording import colon, day


def date_of(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None


def day_of(written: str | None) -> str:
    return day(date_of(written)) if written else ""


def month_of(written: str) -> str:
    return day(date_of(written), "F Y")


def name_of(pair: list[str]) -> str:
    """(French, Arabic) as it was when it was told, that does not turn the words around it."""
    return f"\u2068{pair[1] if get_language() == 'ar' else pair[0]}\u2069"


def money(centimes: int) -> str:
    return isolated(numerals.dirhams(centimes))


def source(cited: str) -> str:
    """A source in the language that is spoken."""
    return in_script(cited, arabic=get_language() == "ar")


def resting_on(provisions: Iterable) -> dict[str, list[dict]]:
    """What a notice keeps of the provisions it rests on, each once: which one, where it is written, since when it is in force."""
    found = {}
    for one in provisions:
        figure = {"value": one.value} if isinstance(one.value, int) else {}
        found[one.key, one.since] = {"key": one.key, "source": one.source, "since": one.since.isoformat()} | figure
    return {"basis": list(found.values())}


def basis(content: dict) -> list[str]:
    """A sentence for each provision kept so; notices written before any was kept have none."""
    sentence = _("Texte appliqué, « {name} » : {source}, en vigueur depuis le {day}.")
    return [
        sentence.format(name=_provision(one), source=source(one["source"]), day=day_of(one["since"])) for one in content.get("basis", ())
    ]


def _provision(kept: dict) -> str:
    """What it is called, with its figure where it is one."""
    label = str(wording.KEYS[kept["key"]].label)
    return f"{label}{colon()} {wording.summary(kept['key'], kept['value'])}" if "value" in kept else label


def isolated(text: str) -> str:
    return f"\u2066{text}\u2069"
