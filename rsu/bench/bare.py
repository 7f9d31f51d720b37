"""The bare cost of the rows that the engine writes: the same rows, from the same ranges, by the same workers, into the same keys."""

import time

from django.db import connection

from .pool import Workers, copy_range

LIKE = "LIKE {table} INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS INCLUDING INDEXES"


def keyed(workers: Workers, tables: list[str], ranges: list[tuple[int, int]], *, condition: str = "true") -> float:
    """Seconds to insert the rows of these tables again into empty ones with the same keys."""
    for table in tables:
        _execute(f"CREATE TABLE bench_{table} ({LIKE.format(table=table)})")
    begun = time.perf_counter()
    for table in tables:
        copied = f"INSERT INTO bench_{table} SELECT * FROM {table} WHERE household_id BETWEEN %(first)s AND %(last)s AND {condition}"
        workers.each(copy_range, [(copied, *ends) for ends in ranges])
    seconds = time.perf_counter() - begun
    for table in tables:
        _execute(f"DROP TABLE bench_{table}")
    return seconds


def constant_scores(workers: Workers, ranges: list[tuple[int, int]]) -> tuple[float, float]:
    """Seconds to insert a constant score for everyone into a bare table, and then to build the keys of a formula's partition."""
    _execute("CREATE TABLE bench_scores (LIKE eligibility_assessment INCLUDING DEFAULTS)")
    constant = (
        'INSERT INTO bench_scores (formula_id, household_id, facts_id, score, "on", assessed_at)'
        " SELECT 1, f.household_id, f.id, 0::bigint, f.on, now() FROM eligibility_facts f"
        " WHERE f.household_id BETWEEN %(first)s AND %(last)s"
    )
    begun = time.perf_counter()
    workers.each(copy_range, [(constant, *ends) for ends in ranges])
    rows = time.perf_counter() - begun
    begun = time.perf_counter()
    _execute(
        "BEGIN; SET LOCAL maintenance_work_mem = '256MB'; ALTER TABLE bench_scores ADD PRIMARY KEY (formula_id, household_id);"
        " CREATE INDEX bench_by_score ON bench_scores (formula_id, score, household_id); COMMIT"
    )
    keys = time.perf_counter() - begun
    _execute("DROP TABLE bench_scores")
    return rows, keys


def flips(run_id: int, *, formula: int, low: int, high: int) -> float:
    """Seconds to read the same index range and to write the same periods again into a table with the same keys."""
    _execute(f"CREATE TABLE bench_flips ({LIKE.format(table='eligibility_determination')})")
    _execute("CREATE TABLE bench_flipped AS SELECT * FROM eligibility_determination WHERE run_id = %s", [run_id])
    begun = time.perf_counter()
    range_read = "SELECT count(household_id) FROM eligibility_assessment WHERE formula_id = %s AND score > %s AND score <= %s"
    _execute(range_read, [formula, low, high])
    _execute("INSERT INTO bench_flips SELECT * FROM bench_flipped")
    seconds = time.perf_counter() - begun
    _execute("DROP TABLE bench_flips, bench_flipped")
    return seconds


def _execute(statement: str, parameters=None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
