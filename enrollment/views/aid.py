"""A household's direct aid: its months line by line, its birth grants, what it received too much."""

from decimal import Decimal

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from households.models import Household
from households.permissions import mark_own
from rsu import audit
from rsu.authentication import role_required
from rsu.permissions import Forbidden, in_area
from rsu.templatetags.rsu import person_name
from rsu.wording import day

from .. import months, services
from ..aid_forms import BirthClaimForm, RecoveryForm
from ..forms import ReasonForm
from ..models import Overpayment
from ..permissions import may_decide

READERS = ("caseworker", "supervisor", "auditor")
PAGE = 25


def _household(request, code: str) -> Household:
    return get_object_or_404(Household.objects.filter(in_area(request.user)).select_related("commune"), code=code)


@require_safe
@role_required(*READERS, "administrator")
def household_aid(request, code: str):
    """Twelve months, each openable line by line; the year's total is the sum of its months."""
    household = _household(request, code)
    years = months.years_of_aid(household) or [localdate().year]
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and int(asked) in years else years[0]
    written = months.year_of_aid(household, year)
    overpaid = list(months.overpayments_of(request.user).filter(household=household))
    mark_own(request.user, [row.household for row in overpaid])
    audit.record(by=request.user, verb="read_household", household=household, subject="aid")
    context = {
        "household": household,
        "members": household.members.order_by("position"),
        "year": year,
        "years": years,
        "months": written,
        "total": sum(one.amount for one in written),
        "waiting": household.due_lines.filter(written_in=None, withheld=False).select_related("member").order_by("belongs_to", "id"),
        "overpayments": overpaid,
        "claims": household.birth_claims.select_related("line", "child").order_by("-id"),
        "may_claim": may_decide(request.user, household),
    }
    return render(request, "enrollment/household_aid.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("caseworker", "supervisor")
def birth_grant(request, code: str):
    """The deliveries the registry knows, why each gives no grant if so, and the claim of one."""
    household, on = _household(request, code), localdate()
    deliveries = services.deliveries_of(household, on=on)
    form = BirthClaimForm(request.POST or None, deliveries=[(_value(one), _words(one)) for one in deliveries if not one.refusal])
    if request.method == "POST" and form.is_valid():
        try:
            claim = services.claim_birth_grant(household=household, on=on, by=request.user, **form.chosen())
            messages.success(
                request,
                _("Prime demandée : elle sera payée avec le prochain mois écrit, pour %(day)s.")
                % {"day": day(claim.line.belongs_to, "F Y")},
            )
            return redirect("enrollment:household_aid", code=code)
        except services.ClaimRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
    refused = [(_words(one), one.refusal) for one in deliveries if one.refusal]
    context = {"household": household, "members": household.members.order_by("position"), "form": form, "refused": refused}
    return render(request, "enrollment/birth_grant.html", context, status=422 if form.errors else 200)


def _value(delivery) -> str:
    return f"{delivery.mother.pk}:{delivery.born_on.isoformat()}"


def _words(delivery) -> str:
    names = ", ".join(map(person_name, delivery.children))
    return _("%(mother)s, le %(day)s : %(children)s") % {
        "mother": person_name(delivery.mother),
        "day": day(delivery.born_on),
        "children": names,
    }


@require_safe
@role_required(*READERS)
def overpayments(request):
    """What was received too much in the area, newest first."""
    state = request.GET.get("state", "")
    page = Paginator(months.overpayments_of(request.user, state=state), PAGE).get_page(request.GET.get("page"))
    mark_own(request.user, [row.household for row in page.object_list])
    return render(request, "enrollment/overpayments.html", {"page": page, "states": Overpayment.State.choices, "state": state})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*READERS)
def overpayment(request, pk: int):
    """One overpayment, line by line; a caseworker proposes to take it back, a supervisor who did not propose it decides."""
    row, user, deed = get_object_or_404(months.overpayments_of(request.user), pk=pk), request.user, request.POST.get("deed")
    initial = {"share": row.share and Decimal(row.share).scaleb(-2)}
    proposing = RecoveryForm(request.POST if deed == "propose" else None, initial=initial, auto_id="propose_%s")
    deciding = ReasonForm(request.POST if deed in ("accept", "waive") else None, auto_id="decide_%s")
    if request.method == "POST" and _decide(request, row, proposing, deciding):
        return redirect("enrollment:overpayment", pk=pk)
    if request.method != "POST":
        audit.record(by=user, verb="read_household", household=row.household, subject=f"overpayment:{pk}")
    proposed = row.state == Overpayment.State.PROPOSED
    context = {
        "row": row,
        "proposing": proposing,
        "deciding": deciding,
        "lines": row.correction.lines.select_related("member", "provision") if hasattr(row, "correction") else [],
        "may_propose": user.role in ("caseworker", "supervisor") and row.state in services.PROPOSABLE and row.left,
        "may_decide": user.role == "supervisor" and proposed and row.proposed_by_id != user.pk,
        "proposed": proposed,
        "mine": proposed and row.proposed_by_id == user.pk,
    }
    return render(request, "enrollment/overpayment.html", context, status=422 if request.method == "POST" else 200)


def _decide(request, row: Overpayment, proposing: RecoveryForm, deciding: ReasonForm) -> bool:
    """Do what was asked, or put on its form why not."""
    asked, on = proposing if proposing.is_bound else deciding, localdate()
    if not asked.is_valid():
        return False
    reason = asked.cleaned_data["reason"]
    try:
        if asked is proposing:
            share = int((asked.cleaned_data["share"] or 0) * 100)
            services.propose_recovery(row.pk, share=share, reason=reason, on=on, by=request.user)
        else:
            services.decide_recovery(row.pk, accept=request.POST["deed"] == "accept", reason=reason, on=on, by=request.user)
    except services.OverpaymentRefused as refusal:
        asked.add_error(refusal.field or None, str(refusal))
        return False
    except Forbidden as refusal:
        asked.add_error(None, str(refusal))
        return False
    return True
