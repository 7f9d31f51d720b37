"""A month of direct aid for everyone: asked for by an administrator or by its day, taken up again when it failed, made good later."""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from eligibility.queries import law as law_of
from rsu import audit
from rsu.models import User
from rsu.outbox import send
from rsu.permissions import check_role

from .. import runs
from ..allowances import AMOUNTS
from ..models import MonthRun

ADMINISTRATORS = ("administrator", "engine")
AMOUNTS_CHANGED = gettext_noop("Les montants de ce mois ont changé dans la loi.")
Kind, Status = MonthRun.Kind, MonthRun.Status


class MonthRefused(Exception):
    """The month cannot be written or corrected; the message is a sentence for the screen."""


@transaction.atomic
def start_month(month: date, *, on: date, by: User) -> MonthRun:
    """Plan the month for every household due it. One that runs already is given back; one that is written may be started again for
    those who came since. Raises MonthRefused, Forbidden.
    """
    check_role(by, *ADMINISTRATORS)
    if month.day != 1:
        raise MonthRefused(_("Un mois se donne par son premier jour."))
    if month > on.replace(day=1):
        raise MonthRefused(_("Ce mois n’a pas commencé : il ne peut pas être écrit d’avance."))
    return _start(Kind.PAYMENT, month, reason="", on=on, by=by)


@transaction.atomic
def correct_everyone(month: date, *, reason: str, on: date, by: User) -> MonthRun:
    """Plan the correction of a month for every household it was written for. Raises MonthRefused, Forbidden."""
    check_role(by, *ADMINISTRATORS)
    if not reason.strip():
        raise MonthRefused(_("Dites pourquoi ce mois est corrigé."))
    return _start(Kind.CORRECTION, month, reason=reason.strip(), on=on, by=by)


def _start(kind: str, month: date, *, reason: str, on: date, by: User) -> MonthRun:
    law = law_of(month)
    if not law.has(AMOUNTS):
        raise MonthRefused(_("Les montants de ce mois ne sont pas en vigueur."))
    if under_way := _under_way(month):
        return _same(under_way, kind)
    try:
        with transaction.atomic():
            run = runs.plan_month(kind, month=month, law=law, reason=reason, on=on, by=by)
    except IntegrityError:
        return _same(_under_way(month), kind)
    audit.record(by=by, verb="start_month", subject=f"month:{run.pk}", reason=reason, month=str(month), kind=kind, households=run.planned)
    send("enrollment.write_months")
    return run


def _under_way(month: date) -> MonthRun | None:
    return MonthRun.objects.filter(month=month, status__in=runs.AT_WORK).first()


def _same(run: MonthRun | None, kind: str) -> MonthRun:
    """Asked twice is asked once; a correction waits for the month it corrects."""
    if run is None or run.kind != kind:
        raise MonthRefused(_("Ce mois est déjà en cours : attendez qu’il soit clos."))
    return run


@transaction.atomic
def retry_month(run_id: int, *, on: date, by: User) -> MonthRun:
    """The chunks of a month that failed wait again; one that did not add up is counted again. Raises MonthRefused, Forbidden."""
    check_role(by, *ADMINISTRATORS)
    run = MonthRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    if run.status in runs.AT_WORK:
        return run
    if run.status != Status.FAILED:
        raise MonthRefused(_("Ce mois est clos : il n’y a rien à reprendre."))
    if _under_way(run.month):
        raise MonthRefused(_("Ce mois est déjà en cours : attendez qu’il soit clos."))
    chunks = runs.reopen(run)
    audit.record(by=by, verb="retry_month", subject=f"month:{run.pk}", month=str(run.month), chunks=chunks, on=str(on))
    send("enrollment.write_months")
    return run


def start_month_of_today(*, on: date, by: User) -> MonthRun | None:
    """The month of `on`, from the day that the law says, unless it was started already."""
    month = on.replace(day=1)
    law = law_of(month)
    if not law.has("direct_aid.run_day") or on.day < law.value("direct_aid.run_day") or not law.has(AMOUNTS):
        return None
    if MonthRun.objects.filter(month=month, kind=Kind.PAYMENT).exists():
        return None
    return start_month(month, on=on, by=by)


def correct_changed_amounts(*, on: date, by: User) -> list[MonthRun]:
    """Plan the correction of every month written under amounts that the law has replaced since, for that month."""
    started = []
    for month in (
        MonthRun.objects.filter(kind=Kind.PAYMENT, status=Status.CLOSED).order_by("month").values_list("month", flat=True).distinct()
    ):
        latest = MonthRun.objects.filter(month=month, status=Status.CLOSED).order_by("-id").first()
        law = law_of(month)
        if law.has(AMOUNTS) and law.cite(AMOUNTS).id != latest.provision_id and not _under_way(month):
            started.append(correct_everyone(month, reason=AMOUNTS_CHANGED, on=on, by=by))
    return started
