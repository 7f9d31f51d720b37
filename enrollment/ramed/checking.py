"""What it takes the whole file, or the registry, to know of the rows of one lot, in one statement: `found` beside each doubtful one."""

from datetime import date

from households.duplicates.resemblance import AGREEMENTS, LEVELS
from households.verified_periods import covered_elsewhere

from .staging import table


def _listed(words) -> str:
    return ", ".join(f"'{word}'" for word in words)


_ALIKE = f"""(l.names = 'crossed' OR l.last IN ({_listed(AGREEMENTS["last"])}) AND l.first IN ({_listed(AGREEMENTS["first"])}))"""
_UNSAID = (
    "NULL::date AS born_on, false AS precise, '' AS sex, NULL::integer AS commune_id, '' AS phone, '' AS cin, '' AS mother, '' AS father"
)


def _keys(first: str, last: str, row: str) -> str:
    keyed = ", ".join(
        f"coalesce({function}({name}), '') AS {column}"
        for name, words in ((first, ("first", "first_sound")), (last, ("last", "last_sound")))
        for function, column in zip(("rsu_plain_name", "rsu_sound_name"), words, strict=True)
    )
    return f"(SELECT {keyed}, {_UNSAID}) {row}"


def _compared(name: str, row: str) -> str:
    """A name as written in Latin letters where the file has them, otherwise in Arabic ones where both have them."""
    latin = "r.last_name_fr <> '' AND r.first_name_fr <> ''"
    if row == "r":
        return f"CASE WHEN {latin} THEN r.{name}_fr ELSE coalesce(nullif(r.{name}_ar, ''), r.{name}_fr) END"
    both = "m.last_name_ar <> '' AND m.first_name_ar <> ''"
    return f"CASE WHEN {latin} OR NOT ({both}) THEN m.{name}_fr ELSE m.{name}_ar END"


_SAME_NAMES = """(lower(r.last_name_fr) = lower(m.last_name_fr) AND lower(r.first_name_fr) = lower(m.first_name_fr)
    OR r.last_name_ar <> '' AND r.last_name_ar = m.last_name_ar AND r.first_name_ar = m.first_name_ar)"""
_OTHER_NAME = f"""NOT {_SAME_NAMES} AND (SELECT NOT {_ALIKE}
    FROM {_keys(_compared("first_name", "r"), _compared("last_name", "r"), "a")}
    CROSS JOIN {_keys(_compared("first_name", "m"), _compared("last_name", "m"), "b")}
    CROSS JOIN LATERAL ({LEVELS}) l)"""
_OTHER_BIRTH = """CASE WHEN r.precise AND m.birth_precision = 'day' THEN r.born_on <> m.born_on
    ELSE extract(year FROM r.born_on) <> extract(year FROM m.born_on) END"""

_CHECK = f"""
UPDATE {{table}} s SET found = doubt.kind FROM (
    SELECT r.number, CASE
        WHEN same.earlier THEN 'repeated'
        WHEN same.elsewhere THEN 'claimed_twice'
        WHEN r.principal AND EXISTS (
            SELECT FROM {{table}} q WHERE q.principal AND q.card = r.card AND q.idcs <> r.idcs AND q.kind IS NULL) THEN 'card_shared'
        WHEN NOT r.principal AND NOT EXISTS (SELECT FROM {{table}} q WHERE q.principal AND q.card = r.holder) THEN 'no_principal'
        WHEN m.id IS NOT NULL THEN CASE
            WHEN {_OTHER_NAME} THEN 'other_name'
            WHEN {_OTHER_BIRTH} THEN 'other_birth'
            WHEN r.sex <> m.sex THEN 'other_sex'
            WHEN {covered_elsewhere("%(excluding)s", "m", "%(on)s")} AND h.struck_off_on IS NULL THEN 'other_cover' END
        END AS kind
    FROM {{table}} r
    LEFT JOIN LATERAL (
        SELECT bool_or(q.holder = r.holder AND q.number < r.number) AS earlier, bool_or(q.holder <> r.holder) AS elsewhere
        FROM {{table}} q WHERE q.idcs = r.idcs AND q.kind IS NULL AND q.number <> r.number
    ) same ON true
    LEFT JOIN households_member m ON m.idcs = r.idcs
    LEFT JOIN households_household h ON h.id = m.household_id
    WHERE r.number BETWEEN %(first)s AND %(last)s AND r.kind IS NULL
) doubt WHERE doubt.kind IS NOT NULL AND s.number = doubt.number
"""


def check(cursor, migration_id: int, *, first: int, last: int, excluding: list[str], on: date) -> int:
    """Doubtful rows of the lot; `excluding` are the compulsory covers that keep a person out of AMO-TADAMON, declared or verified for
    the first day of cover."""
    cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
    cursor.execute(_CHECK.format(table=table(migration_id)), {"first": first, "last": last, "excluding": excluding, "on": on})
    return cursor.rowcount
