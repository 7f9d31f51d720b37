"""Who is compared with whom: people who share a key, never everybody with everybody.

A block larger than the law allows is cut by commune; what is still too large is left out and counted: in it, sharing the
key says almost nothing.
"""

from dataclasses import dataclass

from django.db import connection

PEOPLE_A_SLICE = 50_000


@dataclass(frozen=True)
class Block:
    """One way of bringing people together: an expression over a person, and who has it."""

    name: str
    key: str
    where: str = "true"


BLOCKS = (
    Block("cin", "cin", "cin <> ''"),
    Block("names_and_year", "least(first_fold, last_fold) || '|' || greatest(first_fold, last_fold) || '|' || extract(year FROM born_on)"),
    Block("names_and_anniversary", "first_sound || '|' || last_sound || '|' || to_char(born_on, 'MMDD')", "precise"),
    Block("last_and_birth", "last_fold || '|' || born_on", "precise"),
    Block("first_and_birth", "first_fold || '|' || born_on || '|' || sex", "precise"),
    Block(
        "first_and_swapped_birth",
        "first_sound || '|' || extract(year FROM born_on) || '|' || {low} || '|' || {high} || '|' || sex",
        "precise",
    ),
    Block("phone", "phone || '|' || sex", "phone <> ''"),
)

_DAY, _MONTH = "extract(day FROM born_on)", "extract(month FROM born_on)"


def _key(block: Block) -> str:
    return block.key.format(low=f"least({_DAY}, {_MONTH})", high=f"greatest({_DAY}, {_MONTH})")


_WRITE = """
WITH keyed AS MATERIALIZED (
    SELECT member_id, commune_id, hashtextextended({key}, {kind}) AS key FROM households_duplicateperson WHERE {where}
), sized AS MATERIALIZED (
    SELECT key, count(*) AS n FROM keyed GROUP BY key HAVING count(*) > 1
), cut AS MATERIALIZED (
    SELECT hashint8extended(key, commune_id) AS key, member_id FROM keyed JOIN sized USING (key) WHERE n > %(most)s
), cut_sized AS MATERIALIZED (
    SELECT key, count(*) AS n FROM cut GROUP BY key HAVING count(*) > 1
), written AS (
    INSERT INTO households_duplicatekey
    SELECT {kind}, (key & 2147483647) %% %(slices)s, key, member_id FROM keyed JOIN sized USING (key) WHERE n <= %(most)s
    UNION ALL
    SELECT {kind}, (key & 2147483647) %% %(slices)s, key, member_id FROM cut JOIN cut_sized USING (key) WHERE n <= %(most)s
    ORDER BY 2, 3
    RETURNING 1
)
SELECT (SELECT count(*) FROM written), (SELECT coalesce(sum(n), 0) FROM cut_sized WHERE n > %(most)s)
"""


def slices_for(people: int) -> int:
    return people // PEOPLE_A_SLICE + 1


def write(kind: int, *, slices: int, most: int) -> int:
    """The blocks of one kind, the caller holding the transaction; how many people stand in blocks too large to compare."""
    block = BLOCKS[kind]
    statement = _WRITE.format(key=_key(block), kind=kind, where=block.where)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"slices": slices, "most": most})
        return int(cursor.fetchone()[1])


def index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX IF EXISTS households_duplicatekey_slice")
        cursor.execute("CREATE INDEX households_duplicatekey_slice ON households_duplicatekey (kind, slice)")
        cursor.execute("ANALYZE households_duplicatekey")
