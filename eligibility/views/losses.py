"""Losses inside the borderline band: the list of those that wait, and the page where one is confirmed."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from households.permissions import mark_own
from rsu import audit
from rsu.authentication import role_required

from .. import losses as held
from .. import permissions, services
from ..forms import ConfirmLossForm
from ..models import HeldLoss, Program

PAGE = 25


@require_safe
@role_required(*permissions.LOSS_READERS)
def losses(request):
    """What waits in the area, the oldest first."""
    program = request.GET.get("program", "")
    page = Paginator(held.waiting_losses(request.user, program=program), PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    mark_own(request.user, [row.household for row in rows])
    context = {"page": page, "rows": held.told(rows), "programs": Program.choices, "program": program}
    return render(request, "eligibility/losses.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*permissions.LOSS_READERS)
def loss(request, pk: int):
    """One loss and the answers that would explain it; a POST confirms it and goes back to the list."""
    row = get_object_or_404(held.losses_of(request.user), pk=pk)
    form = ConfirmLossForm(request.POST or None)
    if request.method == "POST":
        permissions.check_confirm_loss(request.user, row.household)
        if form.is_valid() and _confirm(request, row, form):
            return redirect("eligibility:losses")
        row = get_object_or_404(held.losses_of(request.user), pk=pk)
    else:
        audit.record(by=request.user, verb="read_household", household=row.household_id, subject=f"loss:{pk}")
    [told] = held.told([row])
    context = {"told": told, "row": row, "form": form, "can_confirm": permissions.may_confirm_loss(request.user, row.household)}
    return render(request, "eligibility/loss.html", context, status=422 if request.method == "POST" else 200)


def _confirm(request, row: HeldLoss, form: ConfirmLossForm) -> bool:
    """Confirm the loss, or put on the form why it cannot be."""
    try:
        confirmation = services.confirm_loss(row.pk, reason=form.cleaned_data["reason"], on=timezone.localdate(), by=request.user)
    except services.LossNotHeld as refusal:
        form.add_error(None, str(refusal))
        return False
    if confirmation.already:
        messages.warning(request, _already(confirmation.loss))
    else:
        messages.success(request, _("La perte est confirmée ; le motif est gardé au dossier."))
    return True


def _already(loss: HeldLoss) -> str:
    day = date_format(timezone.localtime(loss.settled_at), "DATETIME_FORMAT")
    told = _("La perte avait déjà été confirmée par %(who)s le %(day)s ; le motif que vous venez de donner n’est pas gardé.")
    return told % {"who": loss.settled_by, "day": day}
