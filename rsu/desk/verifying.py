"""The public page that verifies a paper: those the registry issues one by one, and notices of rights, which are printed by the pile."""

from types import SimpleNamespace

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

import eligibility.notices
import enrollment.queries
from eligibility import references
from rsu.api_limits import VerifyLimit


@require_safe
@cache_control(private=True, no_store=True)
def verify(request, reference: str = "") -> HttpResponse:
    """Says of a reference whether the registry issued it, and nothing about anybody; for everyone, a few times a minute."""
    typed = reference or request.GET.get("reference", "")
    limit = VerifyLimit()
    allowed = not typed or limit.allow_request(request, SimpleNamespace())
    context = {"typed": typed[:40], "asked": bool(typed.strip()), "allowed": allowed}
    if context["asked"] and allowed:
        read = references.read(typed)
        # Both are looked for whatever is found: the answer takes as long for one paper as for the other, or for none.
        papers = [eligibility.notices.verified(typed), enrollment.queries.verified_right_notice(typed)]
        found = next(filter(None, papers), None)
        context |= {"found": found, "well_formed": references.is_well_formed(read)}
    answer = render(request, "desk/verify.html", context, status=_status(context))
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    if not allowed:
        answer["Retry-After"] = str(limit.wait())
    return answer


def _status(context: dict) -> int:
    if not context["allowed"]:
        return 429
    return 404 if context["asked"] and context["found"] is None else 200
