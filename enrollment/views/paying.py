"""What was answered otherwise than sent, to settle; and where a family is paid, its payments and what to do about a rejected one."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

import households.queries
from households.permissions import mark_own
from rsu import audit
from rsu.authentication import role_required
from rsu.permissions import Forbidden, in_area

from .. import orders, services
from ..forms import AccountForm, ReasonForm
from ..models import DIFFERENCES, Payment, PaymentAnswer
from ..paying.lifecycle import DESK
from ..paying.reasons import ADVICE, reason_of
from ..paying.rib import grouped, masked
from ..permissions import OFFICE, PAYMENT_READERS, may_decide, may_pay
from ..services.answering import FOLLOWABLE
from .payments import order_page

PAGE = 25


@role_required(*PAYMENT_READERS)
@require_GET
def payment_differences(request):
    return _differences(request)


def _differences(request, *, refused: tuple[int, ReasonForm] | None = None):
    page = Paginator(orders.differences(request.user), PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    mark_own(request.user, [row.payment.household for row in rows if row.payment and row.payment.household])
    for row in rows:
        row.followable = row.outcome in FOLLOWABLE and row.payment.status in ("sent", "paid", "rejected")
        mine = refused and refused[0] == row.pk
        row.form = refused[1] if mine else ReasonForm(auto_id=f"d{row.pk}_%s")
        row.advice = ADVICE[row.outcome]
    context = {"page": page, "rows": rows, "may_pay": may_pay(request.user)}
    return render(request, "enrollment/payment_differences.html", context, status=422 if refused else 200)


@role_required(*OFFICE)
@require_POST
def settle_difference(request, pk: int):
    answer = get_object_or_404(PaymentAnswer, pk=pk, outcome__in=DIFFERENCES)
    if answer.settled:
        messages.warning(request, _("Cette différence est déjà réglée."))
        return redirect("enrollment:payment_differences")
    form = ReasonForm(request.POST, auto_id=f"d{pk}_%s")
    if form.is_valid():
        try:
            services.settle_difference(
                answer.pk, follow=request.POST.get("deed") == "follow", reason=form.cleaned_data["reason"], on=localdate(), by=request.user
            )
        except (services.NotSettled, Forbidden) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("La différence est réglée ; le motif est gardé."))
            return redirect("enrollment:payment_differences")
    return _differences(request, refused=(pk, form))


def _family(request, code: str):
    return get_object_or_404(households.queries.households_of(request.user), code=code)


READERS = (*DESK, "auditor")


@role_required(*READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def household_payments(request, code: str):
    """A family's payments and accounts; a POST records an account, or has it paid in cash again."""
    family = _family(request, code)
    members = list(family.members.order_by("position"))
    form = AccountForm(request.POST if request.POST.get("deed") == "record" else None, members=members, auto_id="account_%s")
    cash = ReasonForm(request.POST if request.POST.get("deed") == "cash" else None, auto_id="cash_%s")
    if request.method == "POST":
        if _take(request, family, form, cash):
            return redirect("enrollment:household_payments", code=code)
    else:
        audit.record(by=request.user, verb="read_household", household=family, subject="payments")
    return _family_page(request, family, members, form, cash)


def _family_page(request, family, members, form, cash, *, refused: tuple[int, ReasonForm] | None = None):
    today = localdate()
    accounts = list(orders.accounts_of(family))
    running = [one for one in accounts if one.since <= today < one.until]
    whole = may_decide(request.user, family)
    for one in running:
        one.families = orders.families_on(one.rib, on=today)
        one.number = grouped(one.rib) if whole else masked(one.rib)
    page = Paginator(orders.payments_of(family), PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    for row in rows:
        row.why = reason_of(row.reason_code) if row.reason_code else None
        mine = refused and refused[0] == row.pk
        row.form = refused[1] if mine else ReasonForm(auto_id=f"p{row.pk}_%s")
    context = {
        "household": family,
        "members": members,
        "page": page,
        "rows": rows,
        "accounts": accounts,
        "running": running,
        "form": form,
        "cash": cash,
        "may_decide": whole,
        "may_reissue": request.user.role in DESK,
    }
    bad = refused or form.errors or cash.errors
    return render(request, "enrollment/household_payments.html", context, status=422 if bad else 200)


def _take(request, family, form: AccountForm, cash: ReasonForm) -> bool:
    """Record what was asked, or put on its form why not."""
    today = localdate()
    asked = cash if cash.is_bound else form
    if not asked.is_valid():
        return False
    given = asked.cleaned_data
    try:
        if asked is cash:
            services.close_account(family, member_id=_number(request.POST.get("member")), reason=given["reason"], on=today, by=request.user)
            messages.success(request, _("Le compte est fermé : les prochains versements se retirent au guichet."))
            return True
        member_id = int(given["member"])
        account = services.record_account(
            family, member_id=member_id, rib=given["rib"], holder=given["holder"], reason=given["reason"], on=today, by=request.user
        )
    except services.AccountRefused as refusal:
        for field, sentence in refusal.problems.items():
            asked.add_error(field if field in asked.fields else None, sentence)
        return False
    except Forbidden as refusal:
        asked.add_error(None, str(refusal))
        return False
    if orders.families_on(account.rib, on=today) > 1:
        messages.warning(request, _("Le compte est enregistré. Il sert aussi à une autre famille : vérifiez le titulaire."))
    else:
        messages.success(request, _("Le compte est enregistré : les prochains versements y vont."))
    return True


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0


@role_required(*DESK)
@require_POST
def reissue_payment(request, pk: int):
    """Have a rejected payment of a family paid anew with the next order."""
    payment = get_object_or_404(Payment.objects.filter(in_area(request.user, "household__commune")).select_related("household"), pk=pk)
    family = payment.household
    form = ReasonForm(request.POST, auto_id=f"p{pk}_%s")
    if form.is_valid():
        try:
            services.reissue_payment(payment.pk, reason=form.cleaned_data["reason"], on=localdate(), by=request.user)
        except (services.NotSettled, Forbidden) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Le versement sera réémis avec le prochain ordre."))
            return _back(payment)
    if family is None:
        if request.user.role not in PAYMENT_READERS:
            raise Http404
        return order_page(request, get_object_or_404(orders.orders(), pk=payment.order_id), reissue=(payment, form))
    members = list(family.members.order_by("position"))
    forms = AccountForm(members=members, auto_id="account_%s"), ReasonForm(auto_id="cash_%s")
    return _family_page(request, family, members, *forms, refused=(pk, form))


def _back(payment: Payment):
    if payment.household:
        return redirect("enrollment:household_payments", code=payment.household.code)
    return redirect("enrollment:payment_order", pk=payment.order_id)
