"""A month closes when it adds up: every household once, and one sum however it is counted."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.utils.translation import gettext as _

from ..models import MonthChunk, MonthRun
from .ledger import AT_WORK, UNFINISHED

_SUMS = """
WITH counted AS (
  SELECT c.region_id, sum(amount) FILTER (WHERE kind = '') AS paid, sum(amount) FILTER (WHERE kind <> '') AS lines
  FROM enrollment_monthtally t JOIN rsu_commune c ON c.id = t.commune_id WHERE month = %(month)s GROUP BY 1
),
stored AS (
  SELECT c.region_id, sum(a.amount) AS paid, sum(a.lines) AS lines FROM (
    SELECT commune_id, sum(amount) AS amount, sum((SELECT sum(l) FROM unnest(amounts) l)) AS lines
    FROM enrollment_allowance WHERE month = %(month)s GROUP BY commune_id
  ) a JOIN rsu_commune c ON c.id = a.commune_id GROUP BY 1
)
SELECT coalesce(s.region_id, c.region_id), s.paid, s.lines, c.paid, c.lines
FROM stored s FULL JOIN counted c ON c.region_id = s.region_id
WHERE s.paid IS DISTINCT FROM s.lines OR s.paid IS DISTINCT FROM c.paid OR s.paid IS DISTINCT FROM c.lines ORDER BY 1
"""
_ORPHANS = """
SELECT count(*) FROM enrollment_allowance a
LEFT JOIN enrollment_enrollment e ON e.id = a.enrollment_id AND e.household_id = a.household_id
LEFT JOIN eligibility_provision p ON p.id = a.provision_id
LEFT JOIN rsu_commune c ON c.id = a.commune_id
WHERE a.month = %(month)s AND (e.id IS NULL OR p.id IS NULL OR c.id IS NULL)
"""


def differences(month) -> list[tuple]:
    """(region, allowances, their lines, allowances counted, lines counted) where these four sums are not one: none, if all is well."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, {"month": month})
        return cursor.fetchall()


def orphans(month) -> int:
    """Allowances that point to nothing: the database does not check them one by one while a month is written."""
    with connection.cursor() as cursor:
        cursor.execute(_ORPHANS, {"month": month})
        return cursor.fetchone()[0]


def close_finished(*, at: datetime) -> list[MonthRun]:
    """Close the runs that have no chunk left to do; those that were closed here. Running twice changes nothing."""
    unfinished = MonthChunk.objects.filter(run=OuterRef("pk"), status__in=UNFINISHED)
    done = MonthRun.objects.filter(~Exists(unfinished), status__in=AT_WORK).order_by("id")
    closed = [_close(pk, at=at) for pk in done.values_list("pk", flat=True)]
    return [run for run in closed if run]


@transaction.atomic
def _close(pk: int, *, at: datetime) -> MonthRun | None:
    """Whoever holds the run closes it: the others pass. What does not add up is refused, and says why."""
    run = MonthRun.objects.filter(pk=pk, status__in=AT_WORK).select_for_update(skip_locked=True, of=("self",)).first()
    if run is None or run.chunks.filter(status__in=UNFINISHED).exists():
        return None
    refused = _refusal(run)
    run.status, run.finished_at = MonthRun.Status.FAILED if refused else MonthRun.Status.CLOSED, at
    run.reason = refused or run.reason
    if not refused and run.kind == MonthRun.Kind.PAYMENT:
        fold(run.month)
    run.save(update_fields=["status", "finished_at", "reason"])
    return run


def _refusal(run: MonthRun) -> str:
    counts = run.chunks.aggregate(
        failed=Count("pk", filter=Q(status=MonthChunk.Status.FAILED)), found=Sum("paid", default=0) + Sum("already", default=0)
    )
    found = counts["found"] + sum(sum(reasons.values()) for reasons in run.chunks.values_list("not_due", flat=True))
    if counts["failed"]:
        return _("%(n)d lots n’ont pas pu être traités.") % {"n": counts["failed"]}
    if found != run.planned:
        return _("Le compte n’y est pas : %(planned)d ménages prévus, %(found)d retrouvés.") % {"planned": run.planned, "found": found}
    if run.kind == MonthRun.Kind.PAYMENT and (lost := orphans(run.month)):
        return _("%(n)d aides ne renvoient à aucune inscription, commune ou disposition.") % {"n": lost}
    if run.kind == MonthRun.Kind.PAYMENT and (wrong := differences(run.month)):
        return _("Dans %(n)d régions, les totaux ne sont pas la somme des lignes.") % {"n": len(wrong)}
    return ""


def fold(month) -> None:
    """Sum the month's tally into one row a commune, kind and provision; the sums do not change."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH taken AS (DELETE FROM enrollment_monthtally WHERE month = %s RETURNING *)"
            " INSERT INTO enrollment_monthtally (month, commune_id, kind, provision_id, belongs_to, count, amount)"
            " SELECT month, commune_id, kind, provision_id, belongs_to, sum(count), sum(amount) FROM taken GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3",
            [month],
        )
