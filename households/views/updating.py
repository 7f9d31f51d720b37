"""The pages of a registration serve the drafts of requests too; what is theirs alone: read back what changed, send, put aside."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import pages, services
from ..changes import by_key
from ..forms import label
from ..models import Request
from .drafting import present


def summary(request, work):
    """Only what changed, before → after; POST sends it, once, and leads to the request's own page."""
    refusal, status = "", 200
    if request.method == "POST":
        try:
            sent = services.submit_request(token=work.token, on=timezone.localdate(), by=request.user, law=request.law)
        except services.DeclarationRefused:
            status = 422
        except services.RequestRefused as refused:
            if "left" in refused.problems:
                return redirect("households:left", token=work.token)
            refusal, status = refused.problems.get("", ""), 422
        else:
            return redirect("desk:request", pk=sent.pk)
    context = pages.frame(work.answers, work.found, work.request, "summary") | {
        "problems": pages.problem_links(work.answers, work.found, work.token),
        "warnings": pages.warnings(work.answers, work.found, on=timezone.localdate()),
        "refusal": refusal,
        "told_of": _told_of(work.request),
        "refused": status == 422,
        "present": present(request, work.request),
        "by": request.user,
    }
    return render(request, "households/update_summary.html", context, status=status)


def _told_of(kept: Request) -> list[tuple[str, str]]:
    """(key, name) of those in the household left of whom the draft was told something."""
    if not services.leaves(kept):
        return []
    members = by_key(services.left_now(kept))
    return [
        (key, label(member, place)) for place, (key, member) in enumerate(members.items(), start=1) if key in kept.details.get("left", {})
    ]


def withdraw(request, kept: Request):
    """Put the draft aside and go back to the family's file."""
    services.withdraw_request(token=kept.token, on=timezone.localdate(), by=request.user)
    messages.info(request, _("La demande est abandonnée ; rien n’a changé au dossier."))
    return redirect("desk:household", code=kept.household.code)
