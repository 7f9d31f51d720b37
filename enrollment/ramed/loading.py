"""The rows of one lot, each to its one end, in one statement: covers with their first move and their counts, the others with why."""

from .defects import DEFECTS
from .staging import table

COVERED, ALREADY = "covered", "already"

_OUTCOME = " ".join(f"WHEN '{kind}' THEN '{defect.outcome}'" for kind, defect in DEFECTS.items())
_COLUMN = " ".join(f"WHEN '{kind}' THEN '{defect.column}'" for kind, defect in DEFECTS.items())
_SENT = """jsonb_strip_nulls(jsonb_build_object(
    'card', card, 'quality', CASE WHEN principal THEN 'principal' ELSE 'dependant' END, 'principal', CASE WHEN NOT principal THEN holder END,
    'idcs', idcs, 'cin', nullif(cin, ''), 'last_name_fr', nullif(last_name_fr, ''), 'first_name_fr', nullif(first_name_fr, ''),
    'last_name_ar', nullif(last_name_ar, ''), 'first_name_ar', nullif(first_name_ar, ''), 'sex', sex,
    'born_on', CASE WHEN precise THEN to_char(born_on, 'DD/MM/YYYY') ELSE to_char(born_on, 'YYYY') END, 'relation', nullif(relation, ''),
    'student', CASE WHEN student THEN 'oui' END, 'disability', CASE WHEN disability THEN 'oui' END,
    'commune', (SELECT code FROM rsu_commune c WHERE c.id = commune_id), 'card_until', to_char(card_until - 1, 'DD/MM/YYYY'),
    'synthetic', CASE WHEN synthetic THEN 'oui' END))"""
"""A row without a defect of its own, as the file would have it: it had no other meaning than its columns."""

# What is there already is looked up by its key, one row of the lot after the other (LIMIT 1 forbids a join): a join would read every
# cover loaded so far for each lot, and a row would cost the more the later it comes.
_LOAD = f"""
WITH lot AS MATERIALIZED (
    SELECT r.*, coalesce(p.idcs, r.idcs) AS unit_idcs, CASE
        WHEN r.kind IS NOT NULL THEN r.kind
        WHEN r.found IS NOT NULL THEN r.found
        WHEN known.idcs IS NOT NULL THEN CASE
            WHEN known.principal_idcs = coalesce(p.idcs, r.idcs) THEN '{ALREADY}' ELSE 'moved_elsewhere' END
        WHEN p.why = 'other_cover' THEN 'principal_aside'
        WHEN p.why IS NOT NULL OR head.idcs IS NOT NULL THEN 'principal_waits'
        WHEN EXISTS (
            SELECT FROM enrollment_enrollment e WHERE e.idcs = r.idcs AND e.program IN ({{covers}}) AND e.status IN ({{held}})
                AND e.since < %(until)s AND %(since)s < e.until) THEN 'enrolled'
        ELSE '{COVERED}' END AS verdict
    FROM {{table}} r
    LEFT JOIN LATERAL (
        SELECT q.idcs, coalesce(q.kind, q.found) AS why FROM {{table}} q WHERE q.principal AND q.card = r.holder AND NOT r.principal
        ORDER BY coalesce(q.kind, q.found) IS NOT NULL, q.number LIMIT 1
    ) p ON true
    LEFT JOIN LATERAL (SELECT c.idcs, c.principal_idcs FROM enrollment_migratedcover c WHERE c.idcs = r.idcs LIMIT 1) known ON true
    LEFT JOIN LATERAL (
        SELECT c.idcs FROM enrollment_migratedcover c WHERE c.idcs = p.idcs AND c.principal_idcs <> p.idcs LIMIT 1
    ) head ON true
    WHERE r.number BETWEEN %(first)s AND %(last)s
), covered AS (
    INSERT INTO enrollment_migratedcover (migration_id, number, idcs, principal_idcs, quality, card, last_name_fr, first_name_fr, last_name_ar,
        first_name_ar, sex, born_on, birth_precision, commune_id, milieu, status, since, until, synthetic)
    SELECT %(migration)s, number, idcs, unit_idcs, CASE WHEN principal THEN 'insured' ELSE 'dependant' END, card, last_name_fr, first_name_fr,
        last_name_ar, first_name_ar, sex, born_on, CASE WHEN precise THEN 'day' ELSE 'year' END, commune_id, coalesce(c.milieu, ''), 'migrated',
        %(since)s, %(until)s, synthetic
    FROM lot LEFT JOIN rsu_commune c ON c.id = commune_id WHERE verdict = '{COVERED}' ORDER BY number
    RETURNING id, commune_id, milieu, quality
), moved AS (
    INSERT INTO enrollment_migratedmove (cover_id, before, after, by_id, at, reason)
    SELECT id, '', 'migrated', %(by)s, now(), '' FROM covered
), counted AS (
    INSERT INTO eligibility_tally (measure, program, commune_id, milieu, households, people)
    SELECT 'enrolled', 'amo_tadamon', commune_id, milieu, count(*) FILTER (WHERE quality = 'insured'), count(*)
    FROM covered WHERE commune_id IS NOT NULL GROUP BY commune_id, milieu
), kept AS (
    INSERT INTO enrollment_ramedrow (migration_id, number, outcome, kind, problems, cells, principal, card, holder, idcs, born_on, sex,
        commune_id, settled, reason)
    SELECT %(migration)s, number, CASE verdict {_OUTCOME} END, verdict, coalesce(problems, jsonb_build_array(jsonb_build_object(
        'kind', verdict, 'column', CASE verdict {_COLUMN} END, 'value', coalesce(sent ->> (CASE verdict {_COLUMN} END), '')))),
        sent, principal, card, holder, idcs, born_on, sex, commune_id, '', ''
    FROM (SELECT lot.*, coalesce(cells, {_SENT}) AS sent FROM lot WHERE verdict NOT IN ('{COVERED}', '{ALREADY}')) told
)
SELECT CASE verdict {_OUTCOME} ELSE verdict END AS outcome, count(*), count(*) FILTER (WHERE principal) FROM lot GROUP BY 1
"""


def load(
    cursor, migration_id: int, *, first: int, last: int, since, until, by: int, covers: tuple[str, ...], held: tuple[str, ...]
) -> dict[str, tuple[int, int]]:
    """Outcome -> (rows, principals among them) of the lot. Enrollments stand still until the transaction ends."""
    cursor.execute(
        "SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL work_mem = '64MB'; LOCK TABLE enrollment_enrollment IN SHARE MODE"
    )
    statement = _LOAD.format(table=table(migration_id), covers=_listed(covers), held=_listed(held))
    cursor.execute(statement, {"migration": migration_id, "first": first, "last": last, "since": since, "until": until, "by": by})
    return {outcome: (rows, principals) for outcome, rows, principals in cursor.fetchall()}


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)
