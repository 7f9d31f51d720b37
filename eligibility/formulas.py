"""A formula as a file that a person can read, correct and send back, in the shape of the founding one."""

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from . import wording
from .law import FORMULA, MILIEUX, REGIONS, Path, faults_of
from .law.validation import Fault

LARGEST = 100_000
"""Bytes; the founding formula has a tenth of them."""


class FormulaUnread(ValueError):
    """What was sent is not a formula; the sentences say where and why, in the order of the file."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


def to_toml(value: Mapping[str, Any]) -> str:
    """The value of a formula as a file; `from_toml` gives it back."""
    lines = ["[[provision]]", f"key = {_text(FORMULA)}", "", "[provision.value.constant]"]
    lines += [f"{milieu} = {_text(value['constant'][milieu])}" for milieu in MILIEUX]
    for part in ("constant", "region"):
        labels = value["labels"][part]
        lines += ["", f"[provision.value.labels.{part}]", *(f"{language} = {_text(labels[language])}" for language in ("fr", "ar"))]
    for milieu in MILIEUX:
        regions = value["region"][milieu]
        lines += ["", f"[provision.value.region.{milieu}]", *(f"{region} = {_text(regions[region])}" for region in REGIONS)]
    lines += ["", "[provision.value.variables]"]
    for milieu in MILIEUX:
        lines += [f"{milieu} = [", *(f"  {_inline(variable)}," for variable in value["variables"][milieu]), "]"]
    return "\n".join([*lines, ""])


def from_toml(text: str) -> Any:
    """The formula a file holds, found sound by the law's own checks. Raises FormulaUnread."""
    try:
        return _read(text)
    except FormulaUnread:
        raise
    except (RecursionError, ValueError):
        # Lists in lists without end, or a whole number of thousands of digits: neither can be read, nor shown in a refusal.
        raise FormulaUnread([_("Ce fichier contient un nombre trop long ou des listes trop profondes pour une formule.")]) from None


def _read(text: str) -> Any:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FormulaUnread([_misspelled(str(error))]) from None
    found = document.get("provision")
    found = found if isinstance(found, list) else []
    values = [entry.get("value") for entry in found if isinstance(entry, dict) and entry.get("key") == FORMULA]
    if len(values) != 1 or values[0] is None:
        raise FormulaUnread([_("Le fichier doit contenir une disposition « score.formula » et une seule, avec sa valeur.")])
    faults = list(faults_of(FORMULA, values[0]))
    if faults:
        raise FormulaUnread([located(fault, text, values[0]) for fault in faults])
    return values[0]


def located(fault: Fault, text: str, value: Any) -> str:
    """The sentence of a fault with the line of the file and the variable it is about."""
    line, about = _line_of(text, value, fault.path), _about(value, fault.path)
    sentence = wording.fault(fault)
    if line and about:
        return _("Ligne %(line)s, %(about)s : %(sentence)s") % {"line": line, "about": about, "sentence": sentence}
    if about:
        return _("%(about)s : %(sentence)s") % {"about": about, "sentence": sentence}
    return sentence


def _misspelled(error: str) -> str:
    """Where the file stops being readable; the parser's own words are not for the screen."""
    place = re.search(r"at line (\d+), column (\d+)", error)
    if not place:
        return _("La fin du fichier manque : il n’est pas écrit comme un fichier TOML.")
    return _("Ligne %(line)s, caractère %(column)s : le fichier n’est pas écrit comme un fichier TOML.") % {
        "line": place[1],
        "column": place[2],
    }


def _about(value: Any, path: Path) -> str:
    """The code of the variable, or the table and the entry."""
    variable = _variable(value, path)
    return str(variable["code"]) if variable and variable.get("code") else ".".join(map(str, path))


def _variable(value: Any, path: Path) -> Mapping[str, Any] | None:
    if len(path) < 3 or path[0] != "variables":
        return None
    variable = value["variables"][path[1]][path[2]]
    return variable if isinstance(variable, Mapping) else None


def _line_of(text: str, value: Any, path: Path) -> int | None:
    variable = _variable(value, path)
    if variable and variable.get("code"):
        return _nth_line(text, rf"code\s*=\s*[\"']{re.escape(str(variable['code']))}[\"']", _same_code_before(value, path))
    table = _table_line(text, path)
    if table or len(path) < 2:
        return table
    header, lines = _table_line(text, path[:-1]), text.splitlines()
    entry = re.compile(rf"^\s*\"?{re.escape(str(path[-1]))}\"?\s*=")
    first = header or len(lines)
    return next((first + after for after, line in enumerate(lines[first:], start=1) if entry.search(line)), header)


def _table_line(text: str, path: Path) -> int | None:
    return _nth_line(text, rf"^\s*\[provision\.value\.{re.escape('.'.join(map(str, path)))}\]", 0)


def _same_code_before(value: Any, path: Path) -> int:
    """How many variables bear the same code earlier in the file."""
    variables = value["variables"]
    code = variables[path[1]][path[2]]["code"]
    earlier = [*(variables["urban"] if path[1] == "rural" else []), *variables[path[1]][: path[2]]]
    return sum(isinstance(variable, Mapping) and variable.get("code") == code for variable in earlier)


def _nth_line(text: str, pattern: str, skipped: int) -> int | None:
    found = [number for number, line in enumerate(text.splitlines(), start=1) if re.search(pattern, line)]
    return found[skipped] if skipped < len(found) else None


def _text(text: str) -> str:
    """A basic string: the escapes of JSON are those of TOML."""
    return json.dumps(text, ensure_ascii=False)


def _inline(variable: Mapping[str, str]) -> str:
    names = ("code", "fact", "kind", "coefficient", "fr", "ar")
    return "{ " + ", ".join(f"{name} = {_text(variable[name])}" for name in names) + " }"
