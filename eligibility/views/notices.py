"""A paper printed again."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

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
