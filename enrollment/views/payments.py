"""Payment orders: the list, one order with its stages, sums, files and answers, and what is owed and in no order."""

import tempfile
from datetime import date
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from households.permissions import mark_own
from rsu import outbox
from rsu.authentication import role_required
from rsu.permissions import Forbidden
from rsu.wording import day

from .. import orders, payments, services
from ..forms import OrderForm, ReasonForm, ReturnForm
from ..models import Payment, PaymentFile, PaymentOrder, PlacementMonth
from ..paying import storage
from ..paying.lifecycle import CANCELABLE, STAGES
from ..paying.reasons import reason_of
from ..permissions import OFFICE, PAYMENT_READERS, check_pay, may_pay, why_not_sign
from .placements import READERS as PLACEMENT_READERS

PAGE = 25
MONTHS_OFFERED = 12
MEDIA_TYPES = {PaymentFile.Kind.PAIN: "application/xml", PaymentFile.Kind.CSV: "text/csv; charset=utf-8"}


def months_until(on: date) -> list[date]:
    """The month of the day and those before, newest first."""
    ordinal = on.year * 12 + on.month - 1
    return [date((ordinal - back) // 12, (ordinal - back) % 12 + 1, 1) for back in range(MONTHS_OFFERED)]


@role_required(*PAYMENT_READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def payment_orders(request):
    """The orders so far; a POST prepares one."""
    today = localdate()
    choices = [(month.isoformat(), day(month, "F Y")) for month in months_until(today)]
    form = OrderForm(request.POST or None, months=choices)
    if request.method == "POST" and form.is_valid() and (answered := _prepare(request, form, today)):
        return answered
    page = Paginator(orders.orders(), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "form": form, "may_pay": may_pay(request.user), "differences": orders.differences(request.user).count()}
    return render(request, "enrollment/payment_orders.html", context, status=422 if request.method == "POST" else 200)


def _prepare(request, form: OrderForm, today: date):
    given = form.cleaned_data
    owed = sum(row[3] for row in payments.owed_until(given["month"], on=today, communes=None) if not row[2])
    try:
        if owed > settings.PAYMENTS_AT_ONCE:
            check_pay(request.user)
            outbox.send("enrollment.prepare_order", given["month"].isoformat(), given["reissues_only"], today.isoformat(), request.user.pk)
            messages.info(request, _("L’ordre se prépare : il paraîtra dans la liste dans quelques minutes."))
            return redirect("enrollment:payment_orders")
        order = services.prepare_order(**given, on=today, by=request.user)
    except (services.OrderRefused, Forbidden) as refusal:
        form.add_error(None, str(refusal))
        return None
    return redirect("enrollment:payment_order", pk=order.pk)


@role_required(*PAYMENT_READERS)
@require_GET
def payment_order(request, pk: int):
    return order_page(request, get_object_or_404(orders.orders(), pk=pk))


def order_page(
    request, order: PaymentOrder, *, cancel: ReasonForm | None = None, returned: ReturnForm | None = None,
    reissue: tuple[Payment, ReasonForm] | None = None,
):  # fmt: skip
    """The whole of one order; a form that was refused comes back with what was typed."""
    user, status = request.user, reissue[0].status if reissue else request.GET.get("status", "")
    found = orders.rows_of(order, user, status=status)
    page = found.filter(position__lt=reissue[0].position).count() // PAGE + 1 if reissue else request.GET.get("page")
    rows = Paginator(found, PAGE).get_page(page)
    for row in rows.object_list:
        row.why = reason_of(row.reason_code) if row.reason_code else None
        row.form = reissue[1] if reissue and reissue[0].pk == row.pk else ReasonForm(auto_id=f"p{row.pk}_%s")
    mark_own(user, [row.household for row in rows.object_list if row.household])
    totals = orders.totals_of(order, user)
    context = {
        "order": order,
        "stages": _stages(order),
        "approvals": order.approvals.select_related("by"),
        "totals": totals,
        "total_payments": sum(one.payments for one in totals),
        "total_amount": sum(one.amount for one in totals),
        "whole": user.area_level == user.AreaLevel.KINGDOM,
        "states": _states(order, user),
        "shared": list(orders.shared_accounts(order, user)[:PAGE]),
        "files": order.files.all(),
        "returns": order.returns.select_related("by"),
        "open_differences": orders.differences(user, order=order).count(),
        "settled": orders.settled_of(order)[:PAGE],
        "rows": rows,
        "status": status,
        "statuses": Payment.Status.choices,
        "may_pay": may_pay(user),
        "cancel": cancel or ReasonForm(auto_id="cancel_%s"),
        "returned": returned or ReturnForm(auto_id="return_%s"),
        "why_not_sign": why_not_sign(user, order, request.law) if order.status in ("draft", "in_approval") else "",
        "needed": request.law.cite("payment.approvals"),
        "cancelable": order.status in CANCELABLE,
        "may_open_placements": user.role in PLACEMENT_READERS,
    }
    return render(request, "enrollment/payment_order.html", context, status=422 if cancel or returned or reissue else 200)


def _stages(order: PaymentOrder) -> list[tuple[str, str]]:
    """(state, label) of each stage on the way: done, where the order is, and what is to come."""
    labels = dict(PaymentOrder.Status.choices)
    if order.status == PaymentOrder.Status.CANCELED:
        return [("done", labels["draft"]), ("canceled", labels["canceled"])]
    here = STAGES.index(order.status)
    return [("done" if place < here else "here" if place == here else "off", labels[stage]) for place, stage in enumerate(STAGES)]


def _states(order: PaymentOrder, user) -> list[tuple[str, str, int, int]]:
    found = orders.states_of(order, user)
    return [(status, label, *found[status]) for status, label in Payment.Status.choices if status in found]


DEEDS = {
    "approve": (services.approve_order, gettext_lazy("Signature enregistrée.")),
    "freeze": (services.freeze_order, gettext_lazy("L’ordre est figé : plus rien n’y change.")),
    "export": (services.export_order, gettext_lazy("Les fichiers sont écrits et vérifiés : transmettez-les à l’organisme payeur.")),
    "close": (services.close_order, gettext_lazy("L’ordre est clos.")),
}
LONG = ("freeze", "export")
"""Deeds that read every payment of the order."""


@role_required(*OFFICE)
@require_POST
def payment_deed(request, pk: int, deed: str):
    """One stage further; a large order is frozen and written in the background."""
    order = get_object_or_404(orders.orders(), pk=pk)
    if deed == "cancel":
        return _cancel(request, order)
    if deed not in DEEDS:
        raise Http404
    service, done = DEEDS[deed]
    if deed in LONG and order.payments > settings.PAYMENTS_AT_ONCE and may_pay(request.user):
        outbox.send("enrollment.order_deed", deed, order.pk, localdate().isoformat(), request.user.pk)
        messages.info(request, _("C’est en cours : rechargez cette page dans quelques minutes."))
        return redirect("enrollment:payment_order", pk=pk)
    try:
        service(order.pk, on=localdate(), by=request.user)
        messages.success(request, str(done))
    except (services.OrderRefused, Forbidden) as refusal:
        messages.warning(request, str(refusal))
    return redirect("enrollment:payment_order", pk=pk)


def _cancel(request, order: PaymentOrder):
    form = ReasonForm(request.POST, auto_id="cancel_%s")
    if form.is_valid():
        try:
            services.cancel_order(order.pk, reason=form.cleaned_data["reason"], on=localdate(), by=request.user)
        except (services.OrderRefused, Forbidden) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("L’ordre est annulé : ce qu’il payait est de nouveau dû."))
            return redirect("enrollment:payment_order", pk=order.pk)
    return order_page(request, order, cancel=form)


@role_required(*OFFICE)
@require_POST
def payment_return(request, pk: int):
    """The agency's answer to an order, read through a file: it may be larger than memory."""
    order = get_object_or_404(orders.orders(), pk=pk)
    form = ReturnForm(request.POST, request.FILES, auto_id="return_%s")
    if form.is_valid():
        file = form.cleaned_data["file"]
        with tempfile.NamedTemporaryFile() as kept:
            for block in file.chunks():
                kept.write(block)
            kept.flush()
            try:
                made = services.record_return(order.pk, path=Path(kept.name), name=file.name, on=localdate(), by=request.user)
            except (services.ReturnRefused, Forbidden) as refusal:
                form.add_error("file", str(refusal))
            else:
                if made.differences:
                    messages.warning(request, _("La réponse est lue ; des différences restent à régler."))
                else:
                    messages.success(request, _("La réponse est lue : chaque ligne est comptée."))
                return redirect("enrollment:payment_order", pk=pk)
    return order_page(request, order, returned=form)


@role_required(*OFFICE)
@require_GET
def payment_file(request, pk: int):
    """A file as it was sent; the reading is traced."""
    file = get_object_or_404(orders.files_of(request.user), pk=pk)
    try:
        opened = services.read_file(file, on=localdate(), by=request.user)
    except storage.Altered:
        messages.warning(request, _("Ce fichier n’est plus celui qui a été écrit, ou a disparu : prévenez l’administrateur de la machine."))
        return redirect("enrollment:payment_order", pk=file.order_id)
    return FileResponse(opened, as_attachment=True, filename=file.name, content_type=MEDIA_TYPES[file.kind])


@role_required(*PAYMENT_READERS)
@require_GET
def payments_owed(request):
    """Where each month's money is, and what is owed and in no order, with what keeps it there."""
    today, communes = localdate(), orders.narrowed(request.user)
    offered = months_until(today)
    asked = request.GET.get("month", "")
    month = next((one for one in offered if one.isoformat() == asked), offered[0])
    account = payments.account_of(month, communes=communes)
    context = {
        "month": month,
        "months": [(one.isoformat(), day(one, "F Y")) for one in offered],
        "account": _account(account),
        "rows": sum(rows for rows, _amount in account.values()),
        "amount": sum(amount for _rows, amount in account.values()),
        "owed": payments.owed_until(offered[0], on=today, communes=communes),
        "waiting": _waiting(payments.waiting(offered[0], on=today, communes=communes, most=100)),
        "may_open_placements": request.user.role in PLACEMENT_READERS,
        "whole": communes is None,
    }
    return render(request, "enrollment/payments_owed.html", context)


def _waiting(rows: list[tuple]) -> list[tuple]:
    """(month, household, placement, centimes, why) of each."""
    placements = dict(PlacementMonth.objects.filter(pk__in=[row[2] for row in rows if row[2]]).values_list("pk", "placement_id"))
    return [(month, household, placements.get(placed), amount, why) for month, household, placed, _number, _name, amount, why in rows]


def _account(found: dict[str, tuple[int, int]]) -> list[tuple[str, str, int, int]]:
    labels = {**dict(Payment.Status.choices), "zero": _("aide à zéro : rien à payer"), "none": _("dans aucun ordre")}
    return [(state, str(labels[state]), *found[state]) for state in labels if state in found]
