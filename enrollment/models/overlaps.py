"""Triggers that keep a person from being covered on one day by an enrollment and as moved from RAMED: two tables, one rule."""

from collections.abc import Iterable

from pgtrigger import After, Insert, Referencing, Statement, Trigger, Update

from ..lifecycle import HOLDING

_REFUSE = """
    IF overlapping IS NOT NULL THEN
        RAISE EXCEPTION 'person_covered_in_one_table: covered on one day by an enrollment and as moved from RAMED'
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'person_covered_in_one_table';
    END IF;
    RETURN NULL;
"""


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def overlapping(covers: Iterable[str]) -> str:
    """One day in both tables, in SQL: `e` of Enrollment, `n` of MigratedCover."""
    return (
        f"e.idcs = n.idcs AND e.program IN ({_listed(covers)}) AND e.status IN ({_listed((*HOLDING, 'ended'))})"
        " AND e.since < n.until AND n.since < e.until AND e.since < e.until AND n.since < n.until"
    )


def not_enrolled_meanwhile(covers: Iterable[str]) -> list[Trigger]:
    """Triggers of MigratedCover: a period that is new or grows meets no enrollment.

    The lock waits for every transaction that has written an enrollment, and holds back the next until this one ends; those
    that load covers share it. A period that shrinks (an end, a taking over) waits for nobody.
    """
    check = (
        "LOCK TABLE enrollment_enrollment IN SHARE MODE;"
        f" SELECT n.id INTO overlapping FROM enrollment_enrollment e JOIN new_rows n ON {overlapping(covers)} LIMIT 1;"
    )
    grown = (
        "IF NOT EXISTS (SELECT FROM new_rows n JOIN old_rows o ON o.id = n.id"
        " WHERE n.idcs <> o.idcs OR n.since < o.since OR n.until > o.until) THEN RETURN NULL; END IF;"
    )
    declared = [("overlapping", "bigint")]
    return [
        Trigger(
            name="moved_is_not_enrolled", operation=Insert, level=Statement, when=After, referencing=Referencing(new="new_rows"),
            declare=declared, func=check + _REFUSE,
        ),
        Trigger(
            name="grown_is_not_enrolled", operation=Update, level=Statement, when=After,
            referencing=Referencing(new="new_rows", old="old_rows"), declare=declared, func=grown + check + _REFUSE,
        ),
    ]  # fmt: skip


def not_moved_meanwhile(covers: Iterable[str]) -> list[Trigger]:
    """Triggers of Enrollment: a cover that holds a place meets no migrated one. Migrated covers written meanwhile wait (above)."""
    check = f"SELECT n.id INTO overlapping FROM new_rows e JOIN enrollment_migratedcover n ON {overlapping(covers)} LIMIT 1;"
    return [
        Trigger(
            name=f"{name}_is_not_moved", operation=operation, level=Statement, when=After, referencing=Referencing(new="new_rows"),
            declare=[("overlapping", "bigint")], func=check + _REFUSE,
        )
        for name, operation in (("enrolled", Insert), ("changed", Update))
    ]  # fmt: skip
