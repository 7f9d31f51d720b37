"""A right made again from what was stored with it: its reading, its formula and its line; nothing of today's answers is read.

Every digit must be found again. What is not is a Mismatch: an alarm, never an answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from households.models import Household
from rsu import numerals
from rsu.wording import day

from . import queries
from .law import FORMULA, Law
from .models import OPEN, Determination, Facts, HeldLoss, PastDetermination, PastFacts, Program, Provision, ReplayedSample
from .programs import Finding, facts_of, stand
from .score import Formula, Term, entitled, threshold_points

SENTENCES = {
    "household_gone": gettext_noop("Le ménage n° %(household)s n’est plus au registre."),
    "formula_gone": gettext_noop("La formule d’où vient l’indice (disposition n° %(provision)s) n’est plus dans la loi."),
    "threshold_gone": gettext_noop(
        "Le seuil appliqué (disposition n° %(provision)s) n’est plus dans la loi, ou n’est pas de ce programme."
    ),
    "facts_gone": gettext_noop("La lecture des réponses n° %(facts)s, d’où vient l’indice, n’existe plus."),
    "facts_elsewhere": gettext_noop("La lecture des réponses n° %(facts)s est celle d’un autre ménage."),
    "facts_unreadable": gettext_noop("La lecture des réponses n° %(facts)s ne suffit pas à la formule."),
    "score": gettext_noop("L’indice gardé est %(stored)s ; le calcul refait donne %(replayed)s."),
    "answer_no": gettext_noop("L’indice %(score)s ne dépasse pas le seuil %(threshold)s, et le droit gardé n’est pas ouvert."),
    "answer_yes": gettext_noop("L’indice %(score)s dépasse le seuil %(threshold)s, et le droit gardé est ouvert."),
    "formula_of_another_day": gettext_noop("La formule appliquée (disposition n° %(provision)s) n’était pas celle en vigueur le %(day)s."),
    "threshold_of_another_day": gettext_noop("Le seuil appliqué (disposition n° %(provision)s) n’était pas celui en vigueur le %(day)s."),
}


@dataclass(frozen=True)
class Mismatch:
    """What was not found again; `values` are whole numbers, figures as they are written, and days as ISO text."""

    kind: str
    values: dict

    @property
    def sentence(self) -> str:
        """In the reader's language."""
        told = self.values
        if "day" in told:
            told = told | {"day": day(date.fromisoformat(told["day"]))}
        return _(SENTENCES[self.kind]) % told


@dataclass(frozen=True)
class Stored:
    """What rights rest on, by id, loaded for any number of them in four queries."""

    readings: dict[int, Facts | PastFacts]
    provisions: dict[int, Provision]
    formulas: dict[int, Formula]
    codes: dict[int, str]

    def provision(self, pk: int, key: str) -> Provision | None:
        row = self.provisions.get(pk)
        return row if row and row.key == key and row.value is not None else None

    def stood(self, applied: Provision, row) -> bool:
        """Whether the provision was the one in force on the first day of the right, as the law was known when it was read.

        An approval takes the law's lock before it is recorded: a right determined after that has seen it.
        """
        if applied.since > row.since:
            return False
        return not any(
            later.key == applied.key
            and (later.since, later.pk) > (applied.since, applied.pk)
            and later.since <= row.since
            and later.recorded_at < row.determined_at
            for later in self.provisions.values()
        )


@dataclass(frozen=True)
class Replay:
    """A right beside what its stored inputs give; `score`, `terms` and `facts` are the replayed ones, empty when an input is gone."""

    determination: Determination | PastDetermination
    code: str
    formula: Provision | None
    threshold: Provision | None
    reading: Facts | PastFacts | None
    facts: dict
    score: int | None
    terms: list[Term]
    mismatch: Mismatch | None

    @property
    def is_past(self) -> bool:
        return isinstance(self.determination, PastDetermination)

    @property
    def program(self) -> Program:
        return Program(self.determination.program)

    @property
    def line(self) -> int | None:
        return threshold_points(self.threshold.value) if self.threshold else None

    @property
    def findings(self) -> list[Finding]:
        """The reasons of the replayed score, in the reader's language; none when an input is gone."""
        if self.score is None or not self.formula or not self.threshold:
            return []
        law = Law([self.formula, self.threshold], max(self.determination.since, self.formula.since, self.threshold.since))
        formula = Formula.from_value(self.formula.value)
        return stand(self.program, score=self.score, law=law, formula=formula, facts=self.facts).findings


def stored_for(rows: Iterable) -> Stored:
    rows = list(rows)
    readings = queries.readings({row.facts_id for row in rows})
    keys = [FORMULA, *(program.threshold_key for program in Program)]
    provisions = Provision.objects.filter(key__in=keys).in_bulk()
    formulas = {pk: Formula.from_value(row.value) for pk, row in provisions.items() if row.key == FORMULA and row.value is not None}
    codes = dict(Household.objects.filter(pk__in={row.household_id for row in rows}).values_list("pk", "code"))
    return Stored(readings, provisions, formulas, codes)


def replay(row: Determination | PastDetermination, stored: Stored | None = None) -> Replay:
    """The right made again; `mismatch` is the first thing that was not found again, None when everything was."""
    stored = stored or stored_for([row])
    formula, threshold = stored.provision(row.formula_id, FORMULA), stored.provision(row.threshold_id, Program(row.program).threshold_key)
    reading = stored.readings.get(row.facts_id)
    facts = facts_of(reading) if reading else {}
    score, terms = _scored(stored.formulas[formula.pk], facts) if formula and reading else (None, [])
    mismatch = (
        _gone(row, stored, formula, threshold, reading)
        or _differs(row, score, threshold)
        or _of_another_day(row, stored, formula, threshold)
    )
    return Replay(row, stored.codes.get(row.household_id, ""), formula, threshold, reading, facts, score, terms, mismatch)


def replay_all(rows: Iterable) -> list[Replay]:
    """Any number of rights, in the queries of one."""
    rows = list(rows)
    stored = stored_for(rows)
    return [replay(row, stored) for row in rows]


def _scored(formula: Formula, facts: dict) -> tuple[int | None, list[Term]]:
    """None where the formula cannot read the facts: one is missing, the region is none of the twelve, nobody lives there."""
    if formula.missing(facts) or facts["size"] < 1 or facts["region"] not in formula.regions[facts["milieu"]]:
        return None, []
    return formula.score(facts), formula.terms(facts)


def _gone(row, stored: Stored, formula, threshold, reading) -> Mismatch | None:
    if row.household_id not in stored.codes:
        return Mismatch("household_gone", {"household": row.household_id})
    if formula is None:
        return Mismatch("formula_gone", {"provision": row.formula_id})
    if threshold is None:
        return Mismatch("threshold_gone", {"provision": row.threshold_id})
    if reading is None:
        return Mismatch("facts_gone", {"facts": row.facts_id})
    if reading.household_id != row.household_id:
        return Mismatch("facts_elsewhere", {"facts": row.facts_id})
    return None


def _differs(row, score: int | None, threshold: Provision) -> Mismatch | None:
    if score is None:
        return Mismatch("facts_unreadable", {"facts": row.facts_id})
    if score != row.score:
        return Mismatch("score", {"stored": numerals.points(row.score), "replayed": numerals.points(score)})
    line = threshold_points(threshold.value)
    struck_off = row.reason == row.Reason.STRUCK_OFF
    if (entitled(score, line) and not struck_off) != row.entitled:
        figures = {"score": numerals.points(score), "threshold": numerals.points(line)}
        return Mismatch("answer_yes" if row.entitled else "answer_no", figures)
    return None


def _of_another_day(row, stored: Stored, formula: Provision, threshold: Provision) -> Mismatch | None:
    for kind, applied in (("formula_of_another_day", formula), ("threshold_of_another_day", threshold)):
        if not stored.stood(applied, row):
            return Mismatch(kind, {"provision": applied.pk, "day": row.since.isoformat()})
    return None


def remarks(row: Determination | PastDetermination) -> list[str]:
    """What the score alone does not say of a right: days of grace, a loss that waits, a change that cut it away."""
    said = []
    if row.grace_until:
        said.append(
            _("Le droit perdu court encore jusqu’au %(day)s exclu : c’est le maintien prévu par la loi.") % {"day": day(row.grace_until)}
        )
    if isinstance(row, PastDetermination):
        said.append(_("Cette période a été remplacée à partir du %(day)s.") % {"day": day(row.cut_on)})
    elif row.entitled and row.until == OPEN:
        held = HeldLoss.objects.filter(household=row.household_id, program=row.program, outcome="").first()
        if held:
            sentence = _(
                "Le %(day)s l’indice est passé à %(score)s, dans la marge au-dessus du seuil : le droit court jusqu’à vérification."
            )
            said.append(sentence % {"day": day(held.on), "score": numerals.points(held.score)})
    return said


def periods_of(household_id: int) -> list[Determination | PastDetermination]:
    """Every right of a household, standing or cut away, program by program in the order of time."""
    rows = [*Determination.objects.filter(household=household_id), *PastDetermination.objects.filter(household=household_id)]
    return sorted(rows, key=lambda row: (row.program, row.since, isinstance(row, Determination), row.determined_at))


# Samples ------------------------------------------------------------------------------------------------------------

_DRAW = """
WITH bounds AS (
    SELECT min(id) AS low, max(id) AS high FROM eligibility_determination
), points AS MATERIALIZED (
    SELECT low + floor(random() * (high - low + 1))::bigint AS point FROM bounds, generate_series(1, %(half)s) WHERE low IS NOT NULL
)
SELECT d.id FROM points CROSS JOIN LATERAL (
    SELECT id FROM eligibility_determination WHERE id >= points.point ORDER BY id LIMIT 1
) d
UNION
(SELECT id FROM eligibility_determination ORDER BY id DESC LIMIT %(half)s)
"""
"""Half at random over all the ids, one look-up of the key each, half the newest; a right drawn twice counts once."""


def drawn(size: int) -> list[Determination]:
    """About `size` rights; the table is not scanned, however long it is."""
    with connection.cursor() as cursor:
        cursor.execute(_DRAW, {"half": -(-size // 2)})
        ids = [pk for (pk,) in cursor.fetchall()]
    return list(Determination.objects.filter(pk__in=ids).order_by("pk"))


def samples() -> QuerySet[ReplayedSample]:
    return ReplayedSample.objects.select_related("acknowledged_by").order_by("-id")


def alarms() -> QuerySet[ReplayedSample]:
    """Samples with a mismatch that no administrator has acknowledged, newest first."""
    return ReplayedSample.objects.filter(~Q(mismatches=[]), acknowledged_at=None).order_by("-id")


def mismatches_of(sample: ReplayedSample) -> list[dict]:
    """[{determination, household, sentence}] of a sample, the sentences in the reader's language."""
    return [found | {"sentence": Mismatch(found["kind"], found["values"]).sentence} for found in sample.mismatches]
