"""A value of the law as fields to fill in, and back: what is read from untouched fields is the value they were made from.

A value is cut in parts, each with its place in it, its words and its own kind of field. Lists of bands are rows of parts.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from rsu import numerals

from . import services, wording
from .law import Fault, Path, entries, scaled_integer
from .wording import FIELDS, KEYS, WORDS, Entry

MOST = {"years": 130, "months": 240, "days": 3650, "number": 1_000_000}
"""Beyond these a number is a slip of the finger, whatever the law."""
MOST_DIRHAMS = 100_000
SCORES_BELOW = 100
"""A line that high would let everybody in: its comma is missing."""
RANKS = (Entry(_("du rang"), least=1, most=100), Entry(_("au rang"), least=1, most=100))
ROWS = {"amounts": ("bands",), "bands": ()}
"""Where the rows of a value stand in it, by kind."""
AS_PLAIN = str.maketrans(
    {",": ".", "٫": ".", numerals.MINUS: "-"}
    | dict.fromkeys("\u00a0\u202f ٬")
    | {chr(zero + digit): str(digit) for zero in (0x0660, 0x06F0) for digit in range(10)}
)
"""Blanks between thousands, decimal commas and the two rows of Arabic digits, as the law writes them."""


LONG = re.compile(r"[0-9]{7,}(\.[0-9]*)?")
"""More digits than any figure of the law has: it is too large before it is misspelled."""


@dataclass(frozen=True)
class Part:
    """One field of a value; `path` is its place in it."""

    path: Path
    label: Any
    entry: Entry
    required: bool = True

    @property
    def name(self) -> str:
        return services.field_of(self.path)


class PlainNumber(forms.CharField):
    """Digits as people write them: spaces between thousands, a decimal comma, Western or Arabic digits."""

    def __init__(self, **options: Any) -> None:
        attrs = {"inputmode": "decimal", "dir": "ltr", "autocomplete": "off"}
        super().__init__(max_length=30, widget=forms.TextInput(attrs=attrs), **options)

    def to_python(self, value: Any) -> str:
        return super().to_python(value).translate(AS_PLAIN)

    def scaled(self, typed: str, decimals: int) -> int:
        try:
            return scaled_integer(typed, decimals)
        except Fault as fault:
            raise forms.ValidationError(wording.fault(fault)) from None


class Decimal(PlainNumber):
    """The law's own digits: "9.1234567" is typed and shown 9,1234567; `below` is a whole number it must not reach."""

    def __init__(self, *, decimals: int = 7, below: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.decimals, self.below = decimals, below

    def prepare_value(self, value: Any) -> Any:
        return value.replace(".", ",") if isinstance(value, str) else value

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        if typed and self.below and (LONG.fullmatch(typed) or self.scaled(typed, self.decimals) >= self.below * 10**self.decimals):
            raise forms.ValidationError(_("Ce nombre doit rester sous %(below)s : vérifiez la virgule.") % {"below": self.below})
        if typed:
            self.scaled(typed, self.decimals)
        return typed


class Dirhams(PlainNumber):
    """Centimes, typed in dirhams."""

    def prepare_value(self, value: Any) -> Any:
        return numerals.dirhams(value, trim=True) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        typed = super().clean(value)
        if not typed:
            return None
        if LONG.fullmatch(typed) or not 0 <= (centimes := self.scaled(typed, 2)) <= MOST_DIRHAMS * 100:
            most = numerals.grouped(MOST_DIRHAMS)
            raise forms.ValidationError(_("Écrivez une somme en dirhams, entre 0 et %(most)s.") % {"most": most})
        return centimes


class Millions(PlainNumber):
    """Centimes, typed in millions of dirhams: what a budget is counted in."""

    def prepare_value(self, value: Any) -> Any:
        return numerals.decimal(value, 8, trim=True) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        typed = super().clean(value)
        return self.scaled(typed, 8) if typed else None


class YesNo(forms.TypedChoiceField):
    def __init__(self, **options: Any) -> None:
        choices = [("yes", _("oui")), ("no", _("non"))]
        super().__init__(choices=choices, coerce=lambda typed: typed == "yes", empty_value=None, widget=forms.RadioSelect, **options)

    def prepare_value(self, value: Any) -> Any:
        return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


class Day(forms.DateField):
    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **options)

    def clean(self, value: Any) -> str | None:
        day = super().clean(value)
        return day.isoformat() if day else None


class MonthDay(forms.CharField):
    """A day of every year, typed 31/08: "08-31" in the law."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_length=5, help_text=_("Jour et mois, par exemple 31/08."), widget=forms.TextInput(attrs={"dir": "ltr"}), **options
        )

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        day, _slash, month = typed.partition("/")
        try:
            return date(2001, int(month), int(day)).strftime("%m-%d") if typed else ""
        except ValueError:
            raise forms.ValidationError(_("Écrivez un jour et un mois qui existent chaque année, par exemple 31/08.")) from None


def parts_of(key: str) -> list[Part]:
    """The parts of a value of this key, those of its rows apart: see `row_parts`."""
    return list(_parts((), KEYS[key].label, KEYS[key], _model(key)))


def row_parts(key: str, rows: int) -> list[list[Part]]:
    """The parts of so many rows."""
    where = ROWS[KEYS[key].kind]
    return [[_moved(part, (*where, position)) for part in _row(KEYS[key].kind)] for position in range(rows)]


def has_rows(key: str) -> bool:
    return KEYS[key].kind in ROWS


def rows_in(key: str, value: Any) -> int:
    return len(value["bands"] if KEYS[key].kind == "amounts" else value) if value else 1


def field_for(part: Part, key: str) -> forms.Field:
    kind, common = part.entry.kind, {"label": capfirst(part.label), "required": part.required}
    if kind == "codes":
        whole = isinstance(_model(key)[0], int)
        return forms.TypedMultipleChoiceField(
            choices=part.entry.codes.choices, coerce=int if whole else str, widget=forms.CheckboxSelectMultiple, **common
        )
    if kind == "word":
        return forms.ChoiceField(choices=_words(part), **common)
    if kind in MOST:
        attrs = {"inputmode": "numeric", "dir": "ltr", "autocomplete": "off"}
        most = part.entry.most or MOST[kind]
        return forms.IntegerField(min_value=part.entry.least, max_value=most, widget=forms.TextInput(attrs=attrs), **common)
    if kind == "threshold":
        return Decimal(below=SCORES_BELOW, **common)
    return KIND_FIELDS[kind](**common)


class Text(forms.CharField):
    """A name or a number of somebody else's, written as they write it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=200, widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}), **options)


KIND_FIELDS = {"money": Dirhams, "millions": Millions, "yes_no": YesNo, "day": Day, "month_day": MonthDay, "text": Text}


def initial_of(parts: list[Part], value: Any) -> dict[str, Any]:
    """What the fields hold before anybody touches them; an entry that the value has not is left out."""
    found = {}
    for part in parts:
        item = value
        for step in part.path:
            item = _inside(item, step)
        if item is not None:
            found[part.name] = "/".join(reversed(item.split("-"))) if part.entry.kind == "month_day" else item
    return found


def value_of(key: str, cleaned: Mapping[str, Any], rows: int) -> Any:
    """The value that was typed, to be judged by the law's own checks."""
    kind = KEYS[key].kind
    if kind == "words":
        return [word for part in parts_of(key) if (word := cleaned[part.name])]
    value: Any = {}
    for part in parts_of(key):
        value = _placed(value, part.path, cleaned[part.name])
    if kind in ROWS:
        bands = [_band(parts, cleaned) for parts in row_parts(key, rows)]
        value = value | {"bands": bands} if kind == "amounts" else _closed(bands)
    return value


def _parts(path: Path, label: Any, entry: Entry, model: Any) -> Iterator[Part]:
    if entry.kind in ("table", "amounts"):
        for name, item in model.items():
            if name != "bands":
                yield from _parts((*path, name), _under(label, path, FIELDS[name].label), FIELDS[name], item)
    elif entry.kind == "words":
        for position in range(len(entry.codes)):
            one = Entry(entry.label, "word", entry.codes)
            yield Part((*path, position), _("n° %(rank)s") % {"rank": position + 1}, one, required=position == 0)
    elif entry.kind != "bands":
        yield Part(path, label, entry)


def _under(label: Any, path: Path, own: Any) -> Any:
    """In a table of tables, the words of both."""
    return wording.listed([label, own]) if path else own


def _row(kind: str) -> list[Part]:
    if kind == "bands":
        return [Part(("above",), _("indice au-dessus de"), Entry("", "threshold")), Part(("monthly",), _("par mois"), FIELDS["monthly"])]
    first, last = RANKS
    amounts = [
        Part((name,), FIELDS[name].label, FIELDS[name], name != "orphan") for name in ("young_or_in_school", "out_of_school", "orphan")
    ]
    return [Part(("first",), first.label, first), Part(("last",), last.label, last), *amounts]


def _moved(part: Part, where: Path) -> Part:
    return Part((*where, *part.path), part.label, part.entry, part.required)


def _band(parts: list[Part], cleaned: Mapping[str, Any]) -> dict[str, Any]:
    return {part.path[-1]: cleaned[part.name] for part in parts if cleaned[part.name] is not None}


def _closed(bands: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each band ends where the next one starts; the last is open."""
    ends = [{"up_to": band["above"]} for band in bands[1:]]
    return [{"above": band["above"], **end, "monthly": band["monthly"]} for band, end in zip(bands, [*ends, {}], strict=True)]


def _placed(value: Any, path: Path, item: Any) -> Any:
    if not path:
        return item
    inner = _placed(value.get(path[0], {}), path[1:], item)
    return value | {path[0]: inner}


def _inside(item: Any, step: str | int) -> Any:
    if isinstance(item, Mapping):
        return item.get(step)
    return item[step] if isinstance(item, list) and isinstance(step, int) and step < len(item) else None


def _words(part: Part) -> list[tuple[str, Any]]:
    none = [] if part.required else [("", "–")]
    return [*none, *((word, WORDS[word]) for word in part.entry.codes)]


def _model(key: str) -> Any:
    """The shape to follow: that of the founding value; a key that is off has a single part."""
    return next((entry.get("value") for entry in entries() if entry["key"] == key), None)
