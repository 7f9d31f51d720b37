"""What a proposed value must look like before anyone may approve it.

Every mistake is a `Fault`: a code and what it is about, which whoever shows it puts in words. Each check gives all it finds;
where the shape itself is wrong it stops, since nothing can be said of what is not there.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
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
# Read whatever the program: repealing one would leave no family that can be registered, scored or insured.
ALWAYS_READ = frozenset(
    {
        "score.formula", "score.cover_not_counted", "score.technical_diplomas", "score.higher_diplomas", "score.basic_levels",
        "score.senior_groups", "score.middle_groups", "score.operator_groups", "score.trade_groups", "score.artisan_groups",
        "score.farmer_groups", "score.unpaid_statuses", "score.retired_situations", "score.dwelling_types",
        "amo_tadamon.excluding_covers", "amo.dependant_age", "amo.student_dependant_age", "amo.student_levels",
        "amo.dependant_disabilities", "amo.insured_spouse", "direct_aid.disabilities", "registration.unknown_birth_part",
        "registration.max_size", "registration.adult_age", "registration.spouse_age", "registration.plausible",
        "request.answer_days", "request.second_signature",
    }
)  # fmt: skip
# A line that went without another would leave every right it opened without an end.
NEVER_REPEALED = ALWAYS_READ | {"amo_tadamon.threshold", "direct_aid.threshold"}

Path = tuple[str | int, ...]
Faults = Iterator["Fault"]


class Fault(ValueError):
    """Why a value may not stand. ``path`` says where in it: names of entries and positions in lists."""

    def __init__(self, code: str, path: Path = (), **params: Any) -> None:
        super().__init__(f"{'.'.join(map(str, path)) or 'the value'}: {code} {params}")
        self.code, self.path, self.params = code, path, params


def scaled_integer(text: str, decimals: int) -> int:
    """``"9.1234567"`` with 7 decimals is 91234567. Raises ``ValueError`` rather than round."""
    found = re.fullmatch(r"(-?)([0-9]{1,6})(?:\.([0-9]+))?", text) if isinstance(text, str) else None
    if not found or len(found[3] or "") > decimals:
        raise Fault("not_decimal", given=str(text), decimals=decimals)
    return int(f"{found[1]}{found[2]}{(found[3] or '').ljust(decimals, '0')}")


def faults_of(key: str, value: Any) -> Faults:
    """Everything that keeps ``value`` from standing under ``key``; ``None`` repeals."""
    declared = next((entry for entry in entries() if entry["key"] == key), None)
    if declared is None:
        yield Fault("unknown_key", key=key)
    elif value is None:
        if key in NEVER_REPEALED:
            yield Fault("needed")
    else:
        floats = list(_floats((), value))
        yield from floats
        if not floats:
            yield from _check_of(key, declared)((), value)


def check_value(key: str, value: Any) -> None:
    """Raise the first fault, unless ``value`` may stand under ``key``."""
    for fault in faults_of(key, value):
        raise fault


def check_since(key: str, since: date) -> None:
    """A month is paid at the rates of its first day: amounts may only start on a first."""
    if key in MONTHLY and since.day != 1:
        raise Fault("first_of_month")


def _check_of(key: str, declared: Mapping[str, Any]) -> Callable[[Path, Any], Faults]:
    """The key's own check; or the shape declared for a key that is off; or that of its founding value."""
    if key in CHECKS:
        return CHECKS[key]
    if declared.get("off"):
        return SHAPES[declared["shape"]]
    return lambda path, value: _like(path, value, declared["value"])


def _floats(path: Path, value: Any) -> Faults:
    if isinstance(value, float):
        yield Fault("binary_fraction", path, given=value)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _floats((*path, name), item)
    elif isinstance(value, list | tuple):
        for position, item in enumerate(value):
            yield from _floats((*path, position), item)


def _line(path: Path, value: Any) -> Faults:
    try:
        if scaled_integer(value, SCORE_DECIMALS) <= 0:
            yield Fault("not_positive", path)
    except Fault as fault:
        yield Fault(fault.code, path, **fault.params)


def _like(path: Path, value: Any, model: Any) -> Faults:
    if isinstance(model, Mapping):
        wrong = list(_table(path, value, model))
        yield from wrong
        for name in () if wrong else model:
            yield from _like((*path, name), value[name], model[name])
    elif isinstance(model, list):
        yield from _list(path, value, model[0])
    elif isinstance(model, bool):
        yield from _boolean(path, value)
    elif isinstance(model, int):
        yield from _whole(path, value)
    elif not isinstance(value, str) or not value:
        yield Fault("not_text", path)


def _list(path: Path, value: Any, model: Any) -> Faults:
    if not isinstance(value, list) or not value:
        yield Fault("empty_list", path)
        return
    if len(set(map(str, value))) != len(value):
        yield Fault("repeated", path)
    for position, item in enumerate(value):
        yield from _like((*path, position), item, model)


def _boolean(path: Path, value: Any) -> Faults:
    if not isinstance(value, bool):
        yield Fault("not_boolean", path)


def _whole(path: Path, value: Any) -> Faults:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        yield Fault("not_whole", path)


def _table(path: Path, value: Any, names: Iterable[str], optional: Iterable[str] = ()) -> Faults:
    expected = set(names)
    if not isinstance(value, Mapping) or not expected <= set(value) <= expected | set(optional):
        yield Fault("entries", path, expected=sorted(expected))


def _formula(path: Path, value: Any) -> Faults:
    wrong = [*_table(path, value, ("constant", "labels", "region", "variables"))]
    wrong = wrong or [*_table(("labels",), value["labels"], ("constant", "region"))]
    for part in ("constant", "region", "variables"):
        wrong = wrong or [*_table((part,), value[part], MILIEUX)]
    yield from wrong
    if wrong:
        return
    for part in ("constant", "region"):
        yield from _labels(("labels", part), value["labels"][part])
    for milieu in MILIEUX:
        yield from _coefficient(("constant", milieu), value["constant"][milieu])
        yield from _regions(("region", milieu), value["region"][milieu])
        yield from _variables(milieu, value["variables"][milieu])


def _regions(path: Path, value: Any) -> Faults:
    wrong = list(_table(path, value, REGIONS))
    yield from wrong
    for region in () if wrong else REGIONS:
        yield from _coefficient((*path, region), value[region])


def _variables(milieu: str, variables: Any) -> Faults:
    path: Path = ("variables", milieu)
    if not isinstance(variables, list) or not variables:
        yield Fault("no_variable", path)
        return
    codes: set[str] = set()
    uses: set[tuple[str, str]] = set()
    for position, variable in enumerate(variables):
        wrong = list(_table((*path, position), variable, ("code", "fact", "kind", "coefficient", "fr", "ar")))
        yield from wrong
        if not wrong:
            yield from _variable((*path, position), milieu, variable, codes, uses)


def _variable(path: Path, milieu: str, variable: Mapping[str, Any], codes: set[str], uses: set[tuple[str, str]]) -> Faults:
    """`codes` and `uses` are those of the variables before, and receive this one's."""
    code, fact, kind = (variable[name] for name in ("code", "fact", "kind"))
    if not isinstance(code, str) or not code:
        yield Fault("no_code", path)
    elif code in codes:
        yield Fault("code_twice", path, variable=code)
    if (str(fact), str(kind)) in uses:
        yield Fault("use_twice", path, fact=fact, kind=kind)
    codes.add(str(code))
    uses.add((str(fact), str(kind)))
    measure = formula_facts(milieu).get(fact) if isinstance(fact, str) else None
    if measure is None:
        yield Fault("unknown_fact", path, fact=str(fact))
    elif kind not in KINDS[measure]:
        yield Fault("wrong_kind", path, fact=fact, kind=str(kind), kinds=list(KINDS[measure]))
    else:
        yield from _coefficient((*path, "coefficient"), variable["coefficient"], LARGEST_COEFFICIENT[kind])
    yield from _labels(path, variable)


def _coefficient(path: Path, text: Any, limit: int = 100) -> Faults:
    try:
        if abs(scaled_integer(text, COEFFICIENT_DECIMALS)) >= limit * 10**COEFFICIENT_DECIMALS:
            yield Fault("too_large", path, given=text, limit=limit)
    except Fault as fault:
        yield Fault(fault.code, path, **fault.params)


def _labels(path: Path, labels: Any) -> Faults:
    for language in ("fr", "ar"):
        given = isinstance(labels, Mapping) and isinstance(labels.get(language), str) and labels[language].strip()
        if not given:
            yield Fault("no_label", (*path, language), language=language)


def _amounts(path: Path, value: Any) -> Faults:
    numbers = ("ranks_counted", "young_under", "child_under", "disability_supplement", "floor", "flat_aid")
    wrong = list(_table(path, value, (*numbers, "bands")))
    for name in () if wrong else numbers:
        wrong += _whole((name,), value[name])
    wrong += [] if wrong else _bands_of_ranks(("bands",), value["bands"])
    yield from wrong
    if wrong:
        return
    if value["young_under"] >= value["child_under"]:
        yield Fault("young_not_below_child", ("young_under",))
    next_rank = 1
    for position, band in enumerate(value["bands"]):
        if band["first"] != next_rank:
            yield Fault("ranks_apart", ("bands", position, "first"), rank=next_rank)
        elif band["last"] < band["first"]:
            yield Fault("ends_before_start", ("bands", position, "last"))
        next_rank = band["last"] + 1
    if next_rank != value["ranks_counted"] + 1:
        yield Fault("ranks_end_elsewhere", ("bands", len(value["bands"]) - 1, "last"), rank=value["ranks_counted"])


def _bands_of_ranks(path: Path, bands: Any) -> Faults:
    if not isinstance(bands, list) or not bands:
        yield Fault("no_band", path)
        return
    for position, band in enumerate(bands):
        wrong = list(_table((*path, position), band, ("first", "last", "young_or_in_school", "out_of_school"), ("orphan",)))
        yield from wrong
        for name in () if wrong else band:
            yield from _whole((*path, position, name), band[name])


def _contributions(path: Path, value: Any) -> Faults:
    if not isinstance(value, list) or not value:
        yield Fault("no_band", path)
        return
    wrong = []
    for position, band in enumerate(value):
        misnamed = list(_table((position,), band, ("above", "monthly"), ("up_to",)))
        wrong += misnamed or [*_whole((position, "monthly"), band["monthly"]), *_line((position, "above"), band["above"])]
    yield from wrong
    if wrong:
        return
    for position, (lower, upper) in enumerate(pairwise(value), start=1):
        if lower.get("up_to") != upper["above"]:
            yield Fault("bands_apart", (position, "above"))
        elif scaled_integer(lower["above"], SCORE_DECIMALS) >= scaled_integer(upper["above"], SCORE_DECIMALS):
            yield Fault("bands_not_rising", (position, "above"))
    if "up_to" in value[-1]:
        yield Fault("last_not_open", (len(value) - 1, "up_to"))


def _debtor(path: Path, value: Any) -> Faults:
    """Money leaves from this account: a wrong digit would have the whole order sent back."""
    names = ("debtor_name", "debtor_identifier", "debtor_rib", "debtor_bic")
    wrong = [*_table(path, value, names)]
    wrong = wrong or [Fault("not_text", (*path, name)) for name in names if not isinstance(value[name], str) or not value[name].strip()]
    yield from wrong
    if wrong:
        return
    rib = value["debtor_rib"]
    if not re.fullmatch(r"[0-9]{22}(0[1-9]|[1-8][0-9]|9[0-7])", rib) or int(rib) % 97:
        yield Fault("wrong_rib", (*path, "debtor_rib"))
    if not re.fullmatch(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?", value["debtor_bic"]):
        yield Fault("wrong_bic", (*path, "debtor_bic"))
    for name, most in (("debtor_name", 140), ("debtor_identifier", 35)):
        if len(value[name]) > most:
            yield Fault("too_long", (*path, name), most=most)


def _at_least_one(path: Path, value: Any) -> Faults:
    yield from _whole(path, value)
    if value == 0:
        yield Fault("not_positive", path)


SHAPES: dict[str, Callable[[Path, Any], Faults]] = {"boolean": _boolean, "integer": _whole, "decimal": _line}
CHECKS: dict[str, Callable[[Path, Any], Faults]] = {
    "score.formula": _formula,
    "amo_tadamon.threshold": _line,
    "direct_aid.threshold": _line,
    "direct_aid.amounts": _amounts,
    "amo_achamil.bands": _contributions,
    "payment.approvals": _at_least_one,
    "payment.file_limit": _at_least_one,
    "payment.batch_limit": _at_least_one,
    "payment.debtor": _debtor,
}
MONTHLY = frozenset({"direct_aid.amounts"})
