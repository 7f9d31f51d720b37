"""What is printed for a family at the counter: the notice of decision of its household, the receipt of a request."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

import households.queries
from eligibility import services
from eligibility.notices import requests_receipted
from eligibility.permissions import NOTICE_ISSUERS
from eligibility.views.notices import paper
from rsu.authentication import role_required

from . import notices, receipts
from .household import bring_up_to_date


@require_POST
@role_required(*NOTICE_ISSUERS)
def notice(request, code: str) -> HttpResponse:
    """The household's decision of today on paper: the paper of before while it still tells the same."""
    today = timezone.localdate()
    family = get_object_or_404(households.queries.households_of(request.user), code=code)
    bring_up_to_date(family, on=today)

    def tell() -> services.Telling:
        return notices.telling(family, on=today, law=request.law)

    try:
        issued = services.issue_notice(household=family, tell=tell, on=today, by=request.user)
    except services.NothingToTell as refusal:
        messages.warning(request, str(refusal))
        return redirect("desk:household", code=code)
    return paper(issued.notice, bytes(issued.notice.pdf))


@require_POST
@role_required(*NOTICE_ISSUERS)
def receipt(request, pk: int) -> HttpResponse:
    """The receipt of a request that was sent, as it stands now."""
    today = timezone.localdate()
    asked = get_object_or_404(requests_receipted(request.user), pk=pk)

    def tell(locked) -> services.Telling:
        return receipts.telling(locked, on=today)

    try:
        issued = services.issue_receipt(request=asked, tell=tell, on=today, by=request.user)
    except services.NothingToTell as refusal:
        messages.warning(request, str(refusal))
        return redirect("desk:household", code=asked.household.code) if asked.household else redirect("desk:home")
    return paper(issued.notice, bytes(issued.notice.pdf))
