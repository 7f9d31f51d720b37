"""One slice of the blocks of one kind: its pairs compared, those likely enough kept with what speaks for and against."""

from django.db import connection

from .resemblance import AGREEMENTS, FIELDS, LEVELS
from .weights import FREQUENCIES, prior, weight_of

VALUES = {
    "names": ("first", "last"),
    "last": ("last",),
    "first": ("first",),
    "birth": ("born_on",),
    "sex": ("sex",),
    "commune": ("commune_id",),
    "phone": ("phone",),
    "cin": ("cin",),
    "mother": ("mother",),
    "father": ("father",),
}
"""The answers behind each thing compared."""


def _evidence() -> str:
    """[{field, level, weight in hundredths, bearers of what agrees exactly}] of what is known."""
    items = []
    for place, field in enumerate(FIELDS):
        bearers = [(level, column) for (name, level), (column, _among) in FREQUENCIES.items() if name == field]
        counted = " ".join(f"WHEN '{level}' THEN greatest(a.{column}, b.{column})" for level, column in bearers)
        bearing = f"CASE l.{field} {counted} END" if counted else "NULL::bigint"
        items.append(f"({place}, '{field}', l.{field}, round(w.{field}::numeric * 100)::integer, {bearing})")
    return f"""SELECT jsonb_agg(jsonb_build_object('field', field, 'level', level, 'weight', weight, 'bearers', bearers) ORDER BY place) AS told
        FROM (VALUES {", ".join(items)}) told (place, field, level, weight, bearers) WHERE level <> 'unknown'"""


def _fingerprint() -> str:
    parts = []
    for field in FIELDS:
        levels = ", ".join(f"'{level}'" for level in AGREEMENTS[field])
        values = " || '/' || ".join(f"{row}.{name}" for row in "ab" for name in VALUES[field])
        parts.append(f"CASE WHEN l.{field} IN ({levels}) THEN '{field}:' || {values} END")
    return f"md5(concat_ws('|', {', '.join(parts)}))"


_COMPARE = """
WITH pair AS MATERIALIZED (
    SELECT low.member_id AS low, high.member_id AS high
    FROM households_duplicatekey low JOIN households_duplicatekey high
        ON high.kind = {kind} AND high.slice = {slice} AND high.key = low.key AND high.member_id > low.member_id
    WHERE low.kind = {kind} AND low.slice = {slice}
), weighed AS (
    SELECT a.member_id AS low, b.member_id AS high, a.household_id AS household_low, b.household_id AS household_high,
        1 / (1 + exp(-least(50, {prior} + {total}))) AS probability, evidence.told AS evidence, {fingerprint} AS fingerprint
    FROM pair
    JOIN households_duplicateperson a ON a.member_id = pair.low
    JOIN households_duplicateperson b ON b.member_id = pair.high
    CROSS JOIN LATERAL ({levels} OFFSET 0) l
    CROSS JOIN LATERAL (SELECT {weights} OFFSET 0) w
    CROSS JOIN LATERAL ({evidence}) evidence
    WHERE (a.household_id <> b.household_id OR (l.first IN ('same', 'spelled') AND l.birth <> 'other')) AND {prior} + {total} >= {least}
), kept AS (
    INSERT INTO households_duplicatealike
    SELECT low, high, household_low, household_high, least(9999, floor(probability * 10000)), evidence, fingerprint FROM weighed
    ON CONFLICT DO NOTHING RETURNING 1
)
SELECT (SELECT count(*) FROM pair), (SELECT count(*) FROM kept)
"""


def compare(kind: int, slice_: int, *, rates: dict, chances: dict, floor: int) -> tuple[int, int]:
    """(pairs compared, pairs newly kept), the caller holding the transaction. `floor`: the least probability, in ten-thousandths."""
    statement = _COMPARE.format(
        kind=int(kind),
        slice=int(slice_),
        prior=prior(rates=rates, people=chances["known"]["people"]),
        total=" + ".join(f"w.{field}" for field in FIELDS),
        weights=", ".join(f"{weight_of(field, rates=rates, chances=chances)} AS {field}" for field in FIELDS),
        levels=LEVELS,
        evidence=_evidence(),
        fingerprint=_fingerprint(),
        least=f"ln({floor / (10_000 - floor)!r})",
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        compared, kept = cursor.fetchone()
    return compared, kept
