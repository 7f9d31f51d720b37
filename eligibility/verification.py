"""Everything computed again from scratch and compared with what is stored: facts, scores, chains, counts, ledgers.

Set-based, range of ids by range, one snapshot a statement: nothing is written, and a kingdom takes little memory.
A run under way has not done yet what it will do: verify when none is.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from django.db import connection

from rsu import numerals
from rsu.wording import day

from . import prices, queries
from .assessments import bucket_sql, reading_parameters, reading_sql
from .determinations import band_points
from .facts import FACTS
from .law import FORMULA, Law
from .models import OPEN, Program, Provision, Run
from .programs import programs_in_force
from .scope import Scope
from .score import Formula, entitled_sql, threshold_points

STEP = 20_000
"""Household ids a range."""
SHOWN = 20

SENTENCES = {  # in French: operators read them, in a terminal
    "unread": "ni lu, ni refusé, ni à lire",
    "facts": "les réponses relues donnent autre chose : %(changed)s",
    "unscored": "lu et sans indice par la formule en vigueur",
    "scored_from_other_facts": "l’indice vient de la lecture n° %(facts)s, la lecture gardée est la n° %(current)s",
    "score": "l’indice gardé est %(stored)s, la lecture n° %(facts)s donne %(again)s (%(where)s, %(since)s)",
    "chain_start": "%(program)s : la période du %(since)s ne commence pas la chaîne et n’y suit rien",
    "hole": "%(program)s : un trou avant la période du %(since)s",
    "overlap": "%(program)s : la période du %(since)s commence avant la fin de celle d’avant",
    "chain_link": "%(program)s : la période du %(since)s n’est pas liée à celle d’avant",
    "unfinished": "%(program)s : la dernière période, du %(since)s, a une fin",
    "repeated": "%(program)s : la période du %(since)s répète la réponse d’avant",
    "answer": "%(program)s : la réponse du %(since)s n’est pas celle de son indice %(stored)s devant son seuil %(threshold)s",
    "undetermined": "%(program)s : un indice et aucun droit en cours, ni ouvert ni fermé",
    "line": "%(program)s : la réponse en cours n’est pas celle de l’indice %(stored)s devant le seuil en vigueur %(threshold)s",
    "held": "%(program)s : une perte attend une vérification, et l’indice %(stored)s n’est pas dans la marge du seuil %(threshold)s",
    "other_provision": "%(program)s : la disposition n° %(provision)s n’était pas celle en vigueur le %(since)s",
    "no_household": "ligne sans ménage (%(where)s)",
    "no_facts": "la lecture n° %(facts)s n’existe pas ou est d’un autre ménage (%(where)s)",
    "no_provision": "la disposition n° %(provision)s n’existe pas ou n’est pas de ce genre (%(where)s)",
    "read_twice": "la lecture n° %(facts)s est à la fois gardée et remplacée",
    "tally": "décompte %(where)s : %(kept)s gardé, %(counted)s compté",
    "run_sizes": "exécution n° %(run)s : %(planned)s prévus, %(found)s dans ses lots",
    "run_equation": "exécution n° %(run)s close : %(planned)s prévus, %(found)s traités",
    "run_unfinished": "exécution n° %(run)s close : %(found)s lots n’étaient pas finis",
    "chunk": "exécution n° %(run)s : %(found)s lots ne s’additionnent pas",
}
POINTS = {"stored", "again", "threshold"}


@dataclass(frozen=True)
class Difference:
    """`household` is its code, "n° id" for one that does not exist, empty for counts and ledgers."""

    kind: str
    household: str
    sentence: str


@dataclass
class Step:
    """What one range, the counts or the ledgers were found to be; `found` counts every difference, `differences` holds the first."""

    compared: Counter = field(default_factory=Counter)
    found: int = 0
    differences: list[Difference] = field(default_factory=list)


def differences(scope: Scope | None = None, *, on: date) -> list[Difference]:
    """Every difference in the whole registry on a day, or in a scope; without a scope, counts and ledgers too."""
    scopes = [scope] if scope else ranges()
    return [found for step in verify(scopes, law=queries.law(on), whole=scope is None, most=None) for found in step.differences]


def verify(scopes: Iterable[Scope], *, law: Law, whole: bool, most: int | None = SHOWN) -> Iterator[Step]:
    """One step a scope, then one for the ledgers, and one for the counts when the scopes are the whole registry."""
    verifier = Verifier(law, most)
    for scope in scopes:
        yield verifier.households(scope)
    yield verifier.ledgers()
    if whole:
        yield verifier.tallies()


def ranges(first: int | None = None, last: int | None = None) -> Iterator[Scope]:
    """The ids of all households, and of whatever rows stand for households that do not exist."""
    low, high = _bounds()
    low, high = low if first is None else first, high if last is None else last
    for start in range(low, high + 1, STEP):
        yield Scope(first=start, last=min(start + STEP - 1, high))


def drawn(size: int) -> list[Scope]:
    """About `size` households at random, one look-up of the key each."""
    draw = """
        WITH bounds AS (SELECT min(id) AS low, max(id) AS high FROM households_household), points AS MATERIALIZED (
            SELECT low + floor(random() * (high - low + 1))::bigint AS point FROM bounds, generate_series(1, %(size)s) WHERE low IS NOT NULL
        )
        SELECT DISTINCT h.id FROM points CROSS JOIN LATERAL (
            SELECT id FROM households_household WHERE id >= points.point ORDER BY id LIMIT 1
        ) h ORDER BY h.id
    """
    ids = [row["id"] for row in _rows(draw, {"size": size})]
    return [Scope(ids[start : start + STEP]) for start in range(0, len(ids), STEP)]


def runs_under_way() -> bool:
    """Whether what differs may only be waiting for a run to reach it."""
    return Run.objects.exclude(status__in=Run.ENDED).exclude(kind=Run.Kind.REHEARSAL).exists()


OWNED = ("facts", "pastfacts", "pastassessment", "determination", "pastdetermination", "refusal", "heldloss")
"""Tables with rows of a household, beside the scores."""


def _bounds() -> tuple[int, int]:
    tables = ["SELECT min(id) AS low, max(id) AS high FROM households_household"]
    tables += [f"SELECT min(household_id), max(household_id) FROM eligibility_{table}" for table in OWNED]
    [bounds] = _rows(f"SELECT coalesce(min(low), 0) AS low, coalesce(max(high), -1) AS high FROM ({' UNION ALL '.join(tables)}) b", {})
    return bounds["low"], bounds["high"]


class Verifier:
    """The statements of one verification, written once from the law of the day and bound to each scope in turn."""

    def __init__(self, law: Law, most: int | None) -> None:
        self.law, self.most = law, most
        known = Provision.objects.filter(key__in=[FORMULA, *(program.threshold_key for program in Program)])
        known = list(known.exclude(value=None).order_by("id"))
        self.formulas = {row.pk: Formula.from_value(row.value) for row in known if row.key == FORMULA}
        programs = {program.threshold_key: program.value for program in Program}
        lines = [(row.pk, programs[row.key], threshold_points(row.value)) for row in known if row.key in programs]
        current = programs_in_force(law)
        points = [threshold_points(law.value(program.threshold_key)) for program in current]
        self.parameters = {
            "formula": law.cite(FORMULA).id,
            "formulas": list(self.formulas),
            "open": OPEN,
            "line_ids": [line[0] for line in lines],
            "line_programs": [line[1] for line in lines],
            "line_points": [line[2] for line in lines],
            "programs": [program.value for program in current],
            "points": points,
            "held_to": [line + band_points(program, law) for line, program in zip(points, current, strict=True)],
        } | reading_parameters(law)

    def households(self, scope: Scope) -> Step:
        step = Step()
        [counts] = _rows(_over(_COMPARED, scope), self.parameters | scope.parameters)
        step.compared.update(counts)
        for statement in (_FACTS.replace("{reading}", reading_sql(scope)), _SCORED, *self._scores(), _CHAINS, _PAST, _LINES, *_ORPHANS):
            self._find(step, _over(statement, scope), scope.parameters)
        return step

    def _scores(self) -> Iterator[str]:
        """Each score ever kept beside what its formula gives on its own reading; a reading of nobody gives none."""
        for pk, formula in self.formulas.items():
            again = f"CASE WHEN f.size > 0 THEN {formula.sql_any('f')} END"
            yield _SCORES.replace("{again}", again).replace("{number}", str(pk))

    def ledgers(self) -> Step:
        step = Step()
        step.compared["runs"] = Run.objects.filter(status__in=Run.ENDED).count()
        self._find(step, _LEDGERS, {})
        return step

    def tallies(self) -> Step:
        step = Step()
        for statement in (_REGISTERED, _ENTITLED, _CURVE.format(aid=prices.aid_sql(self.law, "f"), bucket=bucket_sql("a.score"))):
            self._find(step, statement, {})
        step.compared["tallies"] = 3
        return step

    def _find(self, step: Step, statement: str, parameters: dict) -> None:
        counted = f"""
            SELECT q.*, h.code, count(*) OVER () AS found_in_all FROM ({statement}) q
            LEFT JOIN households_household h ON h.id = q.household_id WHERE q.kind IS NOT NULL
            ORDER BY q.household_id, q.kind LIMIT %(most)s
        """
        rows = _rows(counted, self.parameters | parameters | {"most": self.most})
        step.found += rows[0]["found_in_all"] if rows else 0
        step.differences += [_told(row) for row in rows]


def _told(row: dict) -> Difference:
    values = {name: _shown(name, value) for name, value in row.items()}
    household = row["code"] or ("" if row["household_id"] is None else f"n° {row['household_id']}")
    return Difference(row["kind"], household, SENTENCES[row["kind"]] % values)


def _shown(name: str, value) -> str:
    if value is None:
        return "–"
    if name in POINTS:
        return numerals.points(value)
    if name == "program":
        return str(Program(value).label) if value in Program.values else value
    return day(value) if isinstance(value, date) else str(value)


def _rows(statement: str, parameters: dict) -> list[dict]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _over(statement: str, scope: Scope) -> str:
    """`{in column}` in a statement is the scope's condition on the column."""
    parts = statement.split("{in ")
    return parts[0] + "".join(scope.sql(part.split("}", 1)[0]) + part.split("}", 1)[1] for part in parts[1:])


# Statements ---------------------------------------------------------------------------------------------------------

_COMPARED = """
SELECT (SELECT count(*) FROM households_household h WHERE {in h.id} AND h.struck_off_on IS NULL) AS households,
    (SELECT count(*) FROM eligibility_facts f WHERE {in f.household_id}) AS readings,
    (SELECT count(*) FROM eligibility_assessment a WHERE a.formula_id = %(formula)s AND {in a.household_id}) AS scores,
    (SELECT count(*) FROM eligibility_determination d WHERE {in d.household_id})
  + (SELECT count(*) FROM eligibility_pastdetermination d WHERE {in d.household_id}) AS periods
"""

_READ = ["commune_id", "milieu", "region", "size", "stale_on", *(fact.name for fact in FACTS)]
_PRICED = [*prices.HOUSEHOLD_COLUMNS]


def _changed(names: list[str], when: str = "true") -> list[str]:
    change = "'{0} ' || coalesce(f.{0}::text, '–') || ' → ' || coalesce(r.{0}::text, '–')"
    return [f"CASE WHEN {when} AND f.{name} IS DISTINCT FROM r.{name} THEN {change.format(name)} END" for name in names]


# What a right would cost depends on more birthdays than the score: it is compared on the very day it was read.
_FACTS = f"""
SELECT * FROM (
    SELECT h.id AS household_id, CASE WHEN f.id IS NULL THEN 'unread' WHEN cardinality(c.changed) > 0 THEN 'facts' END AS kind,
        array_to_string(c.changed, ', ') AS changed
    FROM households_household h
    LEFT JOIN ({{reading}}) r ON r.household_id = h.id
    LEFT JOIN (SELECT * FROM eligibility_facts f WHERE {{in f.household_id}}) f ON f.household_id = h.id
    LEFT JOIN eligibility_refusal x ON x.household_id = h.id
    CROSS JOIN LATERAL (SELECT array_remove(ARRAY[{", ".join(_changed(_READ) + _changed(_PRICED, 'f."on" = %(on)s'))}], NULL) AS changed) c
    WHERE {{in h.id}} AND h.due_since IS NULL AND h.struck_off_on IS NULL AND x.household_id IS NULL AND (f.stale_on IS NULL OR f.stale_on > %(on)s)
) q
"""

_SCORED = """
SELECT f.household_id, a.facts_id AS facts, f.id AS current,
    CASE WHEN a.household_id IS NULL THEN 'unscored' WHEN a.facts_id <> f.id THEN 'scored_from_other_facts' END AS kind
FROM eligibility_facts f
LEFT JOIN (SELECT * FROM eligibility_assessment a WHERE a.formula_id = %(formula)s AND {in a.household_id}) a ON a.household_id = f.household_id
WHERE {in f.household_id}
"""

_KEPT = "SELECT household_id, facts_id, score, {since} AS since, '{where}' AS where FROM eligibility_{where} d WHERE {in d.household_id}"
_OF_THE_LAW = " AND formula_id = ANY(%(formulas)s)"
_DATED = {"assessment": '"on"', "pastassessment": '"on"', "determination": "since", "pastdetermination": "since", "heldloss": '"on"'}
_READINGS = """
    SELECT {columns} FROM eligibility_facts f WHERE {in f.household_id}
    UNION ALL SELECT {columns} FROM eligibility_pastfacts f WHERE {in f.household_id}
"""


def _kept(formula: str = "") -> str:
    """Every table with a score; current scores stand by formula first, so that theirs is always named."""
    tables = [
        _KEPT.replace("{since}", since).replace("{where}", where) + (formula or (where == "assessment" and _OF_THE_LAW) or "")
        for where, since in _DATED.items()
    ]
    return "\n    UNION ALL ".join(tables)


def _readings(columns: str) -> str:
    return _READINGS.replace("{columns}", columns)


_SCORES = f"""
SELECT d.household_id, 'score' AS kind, d.score AS stored, d.facts_id AS facts, d.since, d.where, s.again
FROM ({_kept(" AND formula_id = {number}")}) d
JOIN ({_readings(", ".join(["id", "household_id", "milieu", "region", "size", *(fact.name for fact in FACTS)]))}) f
  ON f.id = d.facts_id AND f.household_id = d.household_id
CROSS JOIN LATERAL (SELECT {{again}} AS again) s
WHERE d.score IS DISTINCT FROM s.again
"""

_EVER = """SELECT * FROM unnest(%(line_ids)s::bigint[], %(line_programs)s::text[], %(line_points)s::bigint[]) AS l(id, program, points)"""
# A household struck off has no right whatever its last score.
_ANSWERED = f"({entitled_sql('d.score', 'l.points')} AND d.reason <> 'struck_off')"

_CHAINS = f"""
SELECT household_id, program, since, score AS stored, points AS threshold, CASE
    WHEN ended IS NULL AND previous_until IS NOT NULL THEN 'chain_start'
    WHEN ended < since THEN 'hole'
    WHEN ended > since THEN 'overlap'
    WHEN ended IS NOT NULL AND previous_until IS DISTINCT FROM since THEN 'chain_link'
    WHEN next IS NULL AND "until" <> %(open)s THEN 'unfinished'
    WHEN before = entitled THEN 'repeated'
    WHEN entitled <> wanted THEN 'answer' END AS kind
FROM (
    SELECT d.*, l.points, {_ANSWERED} AS wanted,
        lag(d."until") OVER chain AS ended, lag(d.entitled) OVER chain AS before, lead(d.since) OVER chain AS next
    FROM eligibility_determination d LEFT JOIN ({_EVER}) l ON l.id = d.threshold_id AND l.program = d.program
    WHERE {{in d.household_id}} WINDOW chain AS (PARTITION BY d.household_id, d.program ORDER BY d.since)
) c
"""

_PAST = f"""
SELECT d.household_id, d.program, d.since, d.score AS stored, l.points AS threshold, 'answer' AS kind
FROM eligibility_pastdetermination d JOIN ({_EVER}) l ON l.id = d.threshold_id AND l.program = d.program
WHERE {{in d.household_id}} AND d.entitled <> {_ANSWERED}
"""

# A loss inside the band waits: the right stays open above the line, and no further than the band.
_LINES = """
SELECT a.household_id, l.program, a.score AS stored, l.points AS threshold, CASE
    WHEN d.id IS NULL THEN 'undetermined'
    WHEN x.id IS NOT NULL AND (NOT d.entitled OR a.score <= l.points OR a.score > l.held_to) THEN 'held'
    WHEN x.id IS NULL AND d.entitled <> (a.score <= l.points) THEN 'line' END AS kind
FROM eligibility_assessment a
CROSS JOIN unnest(%(programs)s::text[], %(points)s::bigint[], %(held_to)s::bigint[]) AS l(program, points, held_to)
LEFT JOIN (SELECT * FROM eligibility_determination d WHERE d."until" = %(open)s AND {in d.household_id}) d
  ON d.household_id = a.household_id AND d.program = l.program
LEFT JOIN eligibility_heldloss x ON x.household_id = a.household_id AND x.program = l.program AND x.outcome = ''
WHERE a.formula_id = %(formula)s AND {in a.household_id}
"""

_NO_HOUSEHOLD = """
SELECT t.household_id, 'no_household' AS kind, '{table}' AS where FROM eligibility_{table} t
WHERE {in t.household_id}{more} AND NOT EXISTS (SELECT FROM households_household h WHERE h.id = t.household_id)
"""
# As the law was known then: an approval holds the law's lock before it is recorded, a right read after that has seen it.
_OTHER_PROVISION = """
SELECT d.household_id, 'other_provision' AS kind, d.program, d.since, k.id AS provision
FROM eligibility_determination d JOIN known k ON k.id = d.{column}
WHERE {{in d.household_id}} AND (k.since > d.since OR (k.later_since <= d.since AND k.recorded_at < d.determined_at))
"""
_ORPHANS = (
    *(_NO_HOUSEHOLD.replace("{table}", table).replace("{more}", "") for table in OWNED),
    _NO_HOUSEHOLD.replace("{table}", "assessment").replace("{more}", _OF_THE_LAW),
    f"""
SELECT d.household_id, 'no_facts' AS kind, d.facts_id AS facts, d.where FROM ({_kept()}) d
LEFT JOIN ({_readings("id, household_id")}) f ON f.id = d.facts_id AND f.household_id = d.household_id WHERE f.id IS NULL
""",
    """
SELECT f.household_id, 'read_twice' AS kind, f.id AS facts FROM eligibility_facts f JOIN eligibility_pastfacts p ON p.id = f.id
WHERE {in f.household_id}
""",
    *(
        f"""
SELECT d.household_id, 'no_provision' AS kind, p.id AS provision, '{table}' AS where FROM eligibility_{table} d
CROSS JOIN LATERAL (
    SELECT d.formula_id AS id WHERE d.formula_id <> ALL(%(formulas)s)
    UNION ALL SELECT d.threshold_id WHERE NOT EXISTS (SELECT FROM ({_EVER}) l WHERE l.id = d.threshold_id AND l.program = d.program)
) p WHERE {{in d.household_id}}
"""
        for table in ("determination", "pastdetermination", "heldloss")
    ),
    f"""
WITH known AS MATERIALIZED (
    SELECT t.id, t.since, p.since AS later_since, p.recorded_at FROM eligibility_provision t
    LEFT JOIN eligibility_provision p ON p.key = t.key AND (p.since, p.id) > (t.since, t.id)
    WHERE t.id = ANY(%(formulas)s) OR t.id = ANY(%(line_ids)s)
)
{_OTHER_PROVISION.format(column="formula_id")} UNION {_OTHER_PROVISION.format(column="threshold_id")}
""",
)

_TALLY = """
SELECT NULL::bigint AS household_id, 'tally' AS kind, concat_ws(' ', {where}) AS where, k.n::text AS kept, c.n::text AS counted
FROM ({kept}) k FULL JOIN ({counted}) c USING ({keys}) WHERE k.n IS DISTINCT FROM c.n
"""
_BY_COMMUNE = """
    SELECT {program}commune_id, milieu, ARRAY[sum(households), sum(people)]::bigint[] AS n FROM eligibility_tally WHERE measure = '{measure}'
    GROUP BY {program}commune_id, milieu HAVING sum(households) <> 0 OR sum(people) <> 0
"""
_REGISTERED = _TALLY.format(
    where="'registered', commune_id, milieu",
    keys="commune_id, milieu",
    kept=_BY_COMMUNE.format(measure="registered", program=""),
    counted="SELECT commune_id, milieu, ARRAY[count(*), sum(size)]::bigint[] AS n FROM eligibility_facts GROUP BY commune_id, milieu",
)
_ENTITLED = _TALLY.format(
    where="'entitled', program, commune_id, milieu",
    keys="program, commune_id, milieu",
    kept=_BY_COMMUNE.format(measure="entitled", program="program, "),
    counted="""
    SELECT d.program, f.commune_id, f.milieu, ARRAY[count(*), sum(f.size)]::bigint[] AS n FROM eligibility_determination d
    JOIN eligibility_facts f ON f.household_id = d.household_id WHERE d.entitled AND d."until" = %(open)s GROUP BY 1, 2, 3
""",
)
_CURVE = _TALLY.format(
    where="'scores', province_id, milieu, bucket",
    keys="province_id, milieu, bucket",
    kept="""
    SELECT province_id, milieu, bucket, ARRAY[sum(households), sum(people), sum(aid), sum(insured)]::bigint[] AS n FROM eligibility_scoretally
    WHERE formula_id = %(formula)s GROUP BY 1, 2, 3
    HAVING sum(households) <> 0 OR sum(people) <> 0 OR sum(aid) <> 0 OR sum(insured) <> 0
""",
    counted="""
    SELECT c.province_id, f.milieu, {bucket} AS bucket, ARRAY[count(*), sum(f.size), sum({aid}), sum(coalesce(f.insured, 0))]::bigint[] AS n
    FROM eligibility_assessment a JOIN eligibility_facts f ON f.household_id = a.household_id JOIN rsu_commune c ON c.id = f.commune_id
    WHERE a.formula_id = %(formula)s GROUP BY 1, 2, 3
""",
)

_LEDGERS = """
SELECT NULL::bigint AS household_id, e.kind, r.id AS run, r.planned, e.found
FROM eligibility_run r
JOIN (
    SELECT run_id, sum(size) AS size, sum(applied + already + refused) AS done,
        coalesce(sum(size) FILTER (WHERE status = 'canceled'), 0) AS canceled,
        count(*) FILTER (WHERE status IN ('waiting', 'claimed')) AS unfinished,
        count(*) FILTER (WHERE (status = 'done' AND size <> applied + already + refused) OR cardinality(households) <> size) AS uneven
    FROM eligibility_runchunk GROUP BY run_id
    UNION ALL SELECT id, 0, 0, 0, 0, 0 FROM eligibility_run r WHERE NOT EXISTS (SELECT FROM eligibility_runchunk c WHERE c.run_id = r.id)
) c ON c.run_id = r.id
CROSS JOIN LATERAL (
    SELECT 'run_sizes' AS kind, c.size AS found WHERE r.planned <> c.size
    UNION ALL SELECT 'run_equation', c.done + c.canceled WHERE r.status IN ('closed', 'canceled') AND r.planned <> c.done + c.canceled
    UNION ALL SELECT 'run_unfinished', c.unfinished WHERE r.status IN ('closed', 'failed', 'canceled') AND c.unfinished > 0
    UNION ALL SELECT 'chunk', c.uneven WHERE c.uneven > 0
) e
"""
