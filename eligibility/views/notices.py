"""A paper printed again, and the public page that verifies one."""

from types import SimpleNamespace

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from rsu.api_limits import VerifyLimit
from rsu.authentication import PEOPLE, role_required

from .. import notices as papers
from .. import references, services
from ..models import Notice

PAPER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""A paper loads nothing; browsers show it with a viewer of their own, which is an object with a style."""


def paper(notice: Notice, pdf: bytes) -> HttpResponse:
    """The PDF as a browser shows it: kept nowhere on the way, named after its kind and reference."""
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{notice.kind}-{references.grouped(notice.reference)}.pdf"'
    answer["Content-Length"] = str(len(pdf))
    answer["Cache-Control"] = "private, no-store"
    answer["Content-Security-Policy"] = PAPER_POLICY
    return answer


@require_safe
@role_required(*PEOPLE)
def notice(request, reference: str) -> HttpResponse:
    """The very paper that was issued, for whoever may read the household's file."""
    found = get_object_or_404(papers.notices_of(request.user), reference=references.read(reference))
    return paper(found, services.reprint_notice(notice=found, on=timezone.localdate(), by=request.user))


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
        context |= {"found": papers.verified(typed), "well_formed": references.is_well_formed(read)}
    answer = render(request, "eligibility/verify.html", context, status=_status(context))
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    if not allowed:
        answer["Retry-After"] = str(limit.wait())
    return answer


def _status(context: dict) -> int:
    if not context["allowed"]:
        return 429
    return 404 if context["asked"] and context["found"] is None else 200
