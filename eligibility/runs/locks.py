"""Who waits for whom: a change of the law for every assessment under way, a batch for the declarations of its households.

Always taken in this order: the law, blocks of household ids from the lowest up, then rows in id order.
"""

from django.db import connection

from households.models import Household

from ..scope import Scope

LAW = 7_205_002
BLOCKS = 7_205_003
BLOCK = 10_000
"""Ids a block: a range holds its blocks instead of locking its rows, which would write every one of them."""


def lock_law_for_reading() -> None:
    """Until this transaction ends the law stands still; a change of the law waits."""
    _execute("SELECT pg_advisory_xact_lock_shared(%s)", [LAW])


def lock_law_for_writing() -> None:
    """Wait for every assessment under way, then change the law alone."""
    _execute("SELECT pg_advisory_xact_lock(%s)", [LAW])


def lock_range(scope: Scope) -> None:
    """Keep every household of a range from being assessed elsewhere until this transaction ends."""
    blocks = "SELECT pg_advisory_xact_lock(%s, block) FROM generate_series(%s, %s) AS block ORDER BY block"
    _execute(blocks, [BLOCKS, scope.first // BLOCK, scope.last // BLOCK])


def lock_blocks(ids: list[int]) -> None:
    """Wait for a batch that holds the range of one of these households, and hold it back."""
    blocks = sorted({household // BLOCK for household in ids})
    listed = "SELECT pg_advisory_xact_lock_shared(%s, block) FROM unnest(%s::int[]) WITH ORDINALITY AS b(block, n) ORDER BY n"
    _execute(listed, [BLOCKS, blocks])


def lock_households(ids: list[int]) -> list[int]:
    """Lock in id order, in a statement of its own: the next one then sees what the last holder wrote."""
    lock_blocks(ids)
    rows = Household.objects.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",))
    return list(rows.values_list("pk", flat=True))


def _execute(statement: str, parameters: list) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
