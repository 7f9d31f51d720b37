"""The rows that each partner would deliver, in known shares: agreements, contradictions, people nobody knows, defects."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from django.db.models import F, Q, QuerySet
from stdnum import verhoeff

from households.models import Import, Member
from households.sheets import feeds

Kind = Import.Kind
Row = dict[str, str]

AGENCIES = {
    Kind.COVER: "cnss",
    Kind.ALLOWANCES: "cnops",
    Kind.SCHOOLING: "schools",
    Kind.DISABILITY: "disability",
    Kind.BIRTHS: "rnp",
    Kind.DEATHS: "rnp",
    Kind.MARRIAGES: "rnp",
}
"""Who delivers each kind in the demo."""
WORKERS = ("amo_employee", "amo_public")
WITHOUT = ("none", "ramed", "amo_tadamon")
FIRST_CLASSES = 9
"""The month in which classes begin."""


@dataclass(frozen=True)
class Shares:
    """How many rows of a hundred contradict the family, are about nobody, are wrong; the others agree."""

    different: int = 10
    unknown: int = 5
    wrong: int = 3

    def counts(self, rows: int) -> dict[str, int]:
        counts = {name: rows * getattr(self, name) // 100 for name in ("different", "unknown", "wrong")}
        return counts | {"same": rows - sum(counts.values())}


@dataclass(frozen=True)
class Simulator:
    """One kind: whom it speaks of (`same` people make rows that agree, `different` ones rows that do not), and how."""

    same: Q
    different: Q
    row: Callable[[Member, bool, Random, date], Row]


class NotEnough(Exception):
    """The registry has fewer people of a sort than the rows asked for; the message says which."""


def make_rows(kind: str, rows: int, *, shares: Shares, on: date, seed: int = 1, commune: str = "") -> list[Row]:
    """Rows of a delivery as of `on`, by column, shuffled. Raises NotEnough."""
    rng, simulator, counts = Random(f"{kind}:{seed}"), SIMULATORS[Kind(kind)], shares.counts(rows)
    if simulator.same == _NOBODY:
        counts = counts | {"different": counts["different"] + counts["same"], "same": 0}
    people = Member.objects.filter(household__synthetic=True, household__struck_off_on=None).select_related("mother").order_by("idcs")
    people = people.filter(household__commune__code=commune) if commune else people
    different = _drawn(people.filter(simulator.different), counts["different"], rng, "different")
    others = people.filter(simulator.same).exclude(pk__in=[one.pk for one in different])
    same = _drawn(others, counts["same"], rng, "same")
    made = [simulator.row(one, True, rng, on) for one in different] + [simulator.row(one, False, rng, on) for one in same]
    made += _strangers(kind, made, counts["unknown"], rng)
    made += _wrong(kind, made, counts["wrong"], rng)
    rng.shuffle(made)
    return made


def _drawn(people: QuerySet[Member], count: int, rng: Random, sort: str) -> list[Member]:
    ids = list(people.values_list("pk", flat=True))
    if len(ids) < count:
        raise NotEnough(f"{len(ids)} people for {count} rows: {sort}")
    return list(people.filter(pk__in=rng.sample(ids, count)))


def _strangers(kind: str, rows: list[Row], count: int, rng: Random) -> list[Row]:
    """The same rows about numbers that nobody bears."""
    names = ("idcs", "mother_idcs") if kind == Kind.BIRTHS else ("idcs",)
    numbers = _free_numbers(rng)
    made = []
    for place in range(count):
        made.append(rows[place % len(rows)] | {name: next(numbers) for name in names})
    return made


def _free_numbers(rng: Random) -> Iterator[str]:
    while True:
        digits = f"9{rng.randrange(10**8):08d}"
        number = digits + verhoeff.calc_check_digit(digits)
        if not Member.objects.filter(idcs=number).exists():
            yield number


DEFECTS: tuple[Callable[[Row], Row], ...] = (
    lambda row: row | {"idcs": row["idcs"][:-1] + str((int(row["idcs"][-1]) + 1) % 10)},
    lambda row: row | {"idcs": row["idcs"][:6]},
    lambda row: row | {_dated(row): "31/02/2026"},
    lambda row: row | {_dated(row): "la semaine dernière"},
    lambda row: row | {"idcs": ""},
)
"""A digit mistyped, a number cut, a day that does not exist, a day in words, no number."""


def _dated(row: Row) -> str:
    return next(name for name in ("since", "born_on", "died_on") if name in row)


def _wrong(kind: str, rows: list[Row], count: int, rng: Random) -> list[Row]:
    return [DEFECTS[place % len(DEFECTS)](rows[place % len(rows)]) for place in range(count)]


# One row of each kind --------------------------------------------------------------------------------------------------------------


def _shown(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _month(rng: Random, on: date) -> str:
    """A first of the last months."""
    return _shown((on - timedelta(days=rng.randrange(30, 200))).replace(day=1))


def _cover(one: Member, different: bool, rng: Random, on: date) -> Row:
    said, quality = (WORKERS[rng.randrange(2)], "principal") if different else (one.cover, one.cover_quality or "")
    return {"idcs": one.idcs, "cover": said, "cover_quality": quality, "since": _month(rng, on), "until": ""}


def _allowances(one: Member, different: bool, rng: Random, on: date) -> Row:
    receives = "oui" if different else "non"
    return {"idcs": one.idcs, "scheme": "CNOPS", "since": _month(rng, on), "until": "", "other_allowances": receives}


def _schooling(one: Member, different: bool, rng: Random, on: date) -> Row:
    year = on.year if on.month >= FIRST_CLASSES else on.year - 1
    begun = date(year, FIRST_CLASSES, 7)
    row = {"idcs": one.idcs, "school_year": f"{year}-{year + 1}", "since": _shown(begun), "until": ""}
    if not different:
        return row | {"schooling": one.schooling, "school_sector": one.school_sector or ""}
    left = min(max(begun + timedelta(days=14), on - timedelta(days=20)), begun + timedelta(days=200))
    return row | {"schooling": one.schooling, "school_sector": one.school_sector or "public", "until": _shown(left)}


def _disability(one: Member, different: bool, rng: Random, on: date) -> Row:
    degree = rng.choice(("light", "moderate")) if different else one.disability
    return {
        "idcs": one.idcs, "disability": degree, "disability_number": f"H-{rng.randrange(10**6):06d}", "since": _month(rng, on), "until": "",
    }  # fmt: skip


def _births(one: Member, different: bool, rng: Random, on: date) -> Row:
    """A mother and her newborn, or a child the family declared."""
    names = {"first_name_fr": one.first_name_fr, "last_name_fr": one.last_name_fr}
    names |= {"first_name_ar": one.first_name_ar, "last_name_ar": one.last_name_ar}
    if not different:
        return {"idcs": one.idcs, "mother_idcs": one.mother.idcs, "father_idcs": "", "born_on": _shown(one.born_on), "sex": one.sex} | names
    newborn, sex = next(_free_numbers(rng)), rng.choice(("female", "male"))
    names |= {"first_name_fr": "Nour", "first_name_ar": "نور"}
    born_on = _shown(on - timedelta(days=rng.randrange(3, 40)))
    return {"idcs": newborn, "mother_idcs": one.idcs, "father_idcs": "", "born_on": born_on, "sex": sex} | names


def _deaths(one: Member, different: bool, rng: Random, on: date) -> Row:
    return {"idcs": one.idcs, "died_on": _shown(on - timedelta(days=rng.randrange(2, 60)))}


def _marriages(one: Member, different: bool, rng: Random, on: date) -> Row:
    status = "married" if different else one.marital_status
    return {"idcs": one.idcs, "marital_status": status, "since": _shown(on - timedelta(days=rng.randrange(10, 300))), "spouse_idcs": ""}


def _aged(least: int, most: int) -> Q:
    """Born so many years before 2026: an invented registry needs no finer."""
    return Q(born_on__gte=date(2026 - most, 1, 1), born_on__lte=date(2026 - least, 12, 31))


_NOBODY = Q(pk__in=[])
_ADULT = _aged(25, 60)
SIMULATORS = {
    Kind.COVER: Simulator(Q(cover__isnull=False), Q(cover__in=WITHOUT) & _ADULT, _cover),
    Kind.ALLOWANCES: Simulator(Q(other_allowances=False), Q(other_allowances=False, relation__in=("head", "spouse")), _allowances),
    Kind.SCHOOLING: Simulator(Q(schooling__isnull=False), Q(schooling__isnull=False) & ~Q(schooling="no"), _schooling),
    Kind.DISABILITY: Simulator(Q(disability__isnull=False), Q(disability="none"), _disability),
    Kind.BIRTHS: Simulator(
        Q(mother__isnull=False, mother__household=F("household"), birth_precision="day"),
        Q(sex="female", relation__in=("head", "spouse")) & _aged(20, 42),
        _births,
    ),
    Kind.DEATHS: Simulator(_NOBODY, _aged(55, 110), _deaths),
    Kind.MARRIAGES: Simulator(_ADULT, _ADULT & Q(marital_status="single"), _marriages),
}


def columns(kind: str) -> list[str]:
    return [column.name for column in feeds.columns_of(kind) if column.name != "as_of"]
