"""What a proposed value must look like before anyone may approve it."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from eligibility.law.files import entries, formula_facts

MILIEUX = ("urban", "rural")
REGIONS = tuple(f"{number:02d}" for number in range(1, 13))
KINDS = {"bool": ("bool",), "number": ("count", "square", "share"), "money": ("money",)}
SCORE_DECIMALS = 7
COEFFICIENT_DECIMALS = 9
# What a unit of each kind may weigh at most: keeps the compiled expression inside a bigint, its rounding bias included.
LARGEST_COEFFICIENT = {"bool": 100, "count": 100, "share": 100, "square": 1, "money": 1}


def scaled_integer(text: str, decimals: int) -> int:
    """``"9.1234567"`` with 7 decimals is 91234567. Raises ``ValueError`` rather than round."""
    found = re.fullmatch(r"(-?)([0-9]{1,6})(?:\.([0-9]+))?", text) if isinstance(text, str) else None
    if not found or len(found[3] or "") > decimals:
        raise ValueError(f"{text!r} is not a decimal number written as text with at most {decimals} decimals")
    return int(f"{found[1]}{found[2]}{(found[3] or '').ljust(decimals, '0')}")


def check_value(key: str, value: Any) -> None:
    """Raise ``ValueError``, with one sentence, unless ``value`` may stand under ``key``; ``None`` repeals."""
    if value is None:
        return
    _refuse_floats(key, value)
    check = CHECKS.get(key)
    if check:
        check(key, value)
    else:
        _check_shape(key, value)


def check_since(key: str, since: date) -> None:
    """A month is paid at the rates of its first day: amounts may only start on a first."""
    if key == "direct_aid.amounts" and since.day != 1:
        raise ValueError(f"{key} must start on the first day of a month, not on {since.isoformat()}")


def _refuse_floats(key: str, value: Any) -> None:
    if isinstance(value, float):
        raise ValueError(f"{key}: {value!r} is a binary fraction; write it as text or as an integer")
    if isinstance(value, Mapping):
        for item in value.values():
            _refuse_floats(key, item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_floats(key, item)


def _require(condition: bool, sentence: str) -> None:
    if not condition:
        raise ValueError(sentence)


def _check_threshold(key: str, value: Any) -> None:
    _require(isinstance(value, str), f"{key} must be a decimal number written as text")
    _require(scaled_integer(value, SCORE_DECIMALS) > 0, f"{key} must be above zero")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _check_shape(key: str, value: Any) -> None:
    """Same shape as the founding value of ``key``, or the shape declared for a key that is off."""
    founding = [entry for entry in entries() if entry["key"] == key]
    _require(bool(founding), f"{key} is not a key of the law")
    declared = founding[0]
    if declared.get("off"):
        SHAPES[declared["shape"]](key, value)
    else:
        _check_like(key, value, declared["value"])


def _check_like(where: str, value: Any, model: Any) -> None:
    if isinstance(model, Mapping):
        _check_table(where, value, model)
        for name in model:
            _check_like(f"{where}.{name}", value[name], model[name])
    elif isinstance(model, list):
        _require(isinstance(value, list) and bool(value), f"{where} must be a list that is not empty")
        _require(len(set(map(str, value))) == len(value), f"{where} names something twice")
        for item in value:
            _check_like(where, item, model[0])
    elif isinstance(model, bool):
        _check_boolean(where, value)
    elif isinstance(model, int):
        _check_whole(where, value)
    else:
        _require(isinstance(value, str) and bool(value), f"{where} must be text")


def _check_boolean(key: str, value: Any) -> None:
    _require(isinstance(value, bool), f"{key} must be true or false")


def _check_whole(key: str, value: Any) -> None:
    _require(_is_whole(value), f"{key} must be a whole number, zero or more")


def _check_table(where: str, value: Any, names: Iterable[str]) -> None:
    expected = sorted(names)
    same = isinstance(value, Mapping) and sorted(value) == expected
    _require(same, f"{where} must have exactly these entries: {', '.join(expected)}")


def _check_formula(key: str, value: Any) -> None:
    _check_table(key, value, ("constant", "labels", "region", "variables"))
    _check_table(f"{key}.labels", value["labels"], ("constant", "region"))
    for part in ("constant", "region", "variables"):
        _check_table(f"{key}.{part}", value[part], MILIEUX)
    for part in ("constant", "region"):
        _check_labels(f"{key}: the {part}", value["labels"][part])
    for milieu in MILIEUX:
        _check_coefficient(f"{key}: the {milieu} constant", value["constant"][milieu])
        regions = value["region"][milieu]
        _check_table(f"{key}.region.{milieu}", regions, REGIONS)
        for region, coefficient in regions.items():
            _check_coefficient(f"{key}: {milieu} region {region}", coefficient)
        _check_variables(key, milieu, value["variables"][milieu])


def _check_variables(key: str, milieu: str, variables: Any) -> None:
    _require(isinstance(variables, list) and bool(variables), f"{key} has no {milieu} variable")
    codes, uses = set(), set()
    for variable in variables:
        _check_table(f"{key}: a {milieu} variable", variable, ("code", "fact", "kind", "coefficient", "fr", "ar"))
        code, use = variable["code"], (variable["fact"], variable["kind"])
        _require(isinstance(code, str) and bool(code), f"{key}: a {milieu} variable has no code")
        _require(code not in codes, f"{key}: {code} stands twice")
        _require(use not in uses, f"{key}: {code} reads {use[0]} as {use[1]} a second time")
        _check_variable(f"{key}: {code}", milieu, variable)
        codes.add(code)
        uses.add(use)


def _check_variable(where: str, milieu: str, variable: Mapping[str, Any]) -> None:
    fact, kind = variable["fact"], variable["kind"]
    measure = formula_facts(milieu).get(fact)
    _require(measure is not None, f"{where} uses {fact!r}, which is not a fact of {milieu} households")
    _require(kind in KINDS[measure], f"{where}: {fact} cannot be read as {kind!r}")
    _check_coefficient(where, variable["coefficient"], LARGEST_COEFFICIENT[kind])
    _check_labels(where, variable)


def _check_coefficient(where: str, text: Any, limit: int = 100) -> None:
    try:
        scaled = scaled_integer(text, COEFFICIENT_DECIMALS)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
    _require(abs(scaled) < limit * 10**COEFFICIENT_DECIMALS, f"{where}: {text} is not below {limit}")


def _check_labels(where: str, labels: Any) -> None:
    for language in ("fr", "ar"):
        given = isinstance(labels, Mapping) and isinstance(labels.get(language), str) and labels[language].strip()
        _require(bool(given), f"{where} has no label in {language}")


def _check_amounts(key: str, value: Any) -> None:
    numbers = {"ranks_counted", "young_under", "child_under", "disability_supplement", "floor", "flat_aid"}
    _check_table(key, value, numbers | {"bands"})
    for name in sorted(numbers):
        _check_whole(f"{key}.{name}", value[name])
    _require(value["young_under"] < value["child_under"], f"{key}: young_under must be below child_under")
    _require(isinstance(value["bands"], list) and bool(value["bands"]), f"{key} has no band of ranks")
    next_rank = 1
    for band in value["bands"]:
        _check_band(key, band)
        _require(band["first"] == next_rank, f"{key}: the bands must follow each other from rank 1")
        _require(band["last"] >= band["first"], f"{key}: a band ends before it starts")
        next_rank = band["last"] + 1
    _require(next_rank == value["ranks_counted"] + 1, f"{key}: the bands must end at rank {value['ranks_counted']}")


def _check_band(key: str, band: Any) -> None:
    compulsory = {"first", "last", "young_or_in_school", "out_of_school"}
    named = isinstance(band, Mapping) and compulsory <= set(band) <= compulsory | {"orphan"}
    _require(named, f"{key}: a band needs {', '.join(sorted(compulsory))}, and may have orphan")
    for name, amount in band.items():
        _check_whole(f"{key}: {name}", amount)


def _check_contributions(key: str, value: Any) -> None:
    _require(isinstance(value, list) and bool(value), f"{key} must be a list of bands")
    for band in value:
        named = isinstance(band, Mapping) and {"above", "monthly"} <= set(band) <= {"above", "up_to", "monthly"}
        _require(named, f"{key}: a band needs above and monthly, and up_to unless it is the last")
        _check_whole(f"{key}: monthly", band["monthly"])
        _check_threshold(f"{key}: above", band["above"])
    for lower, upper in pairwise(value):
        _require(lower.get("up_to") == upper["above"], f"{key}: each band must start where the one before ends")
        rising = scaled_integer(lower["above"], SCORE_DECIMALS) < scaled_integer(upper["above"], SCORE_DECIMALS)
        _require(rising, f"{key}: the bands must rise")
    _require("up_to" not in value[-1], f"{key}: the last band must be open")


SHAPES: dict[str, Callable[[str, Any], None]] = {
    "boolean": _check_boolean,
    "integer": _check_whole,
    "decimal": _check_threshold,
}
CHECKS: dict[str, Callable[[str, Any], None]] = {
    "score.formula": _check_formula,
    "amo_tadamon.threshold": _check_threshold,
    "direct_aid.threshold": _check_threshold,
    "direct_aid.amounts": _check_amounts,
    "amo_achamil.bands": _check_contributions,
}
