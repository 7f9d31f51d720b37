"""Rights made again from what was stored: the nightly samples, their alarms, and one right's whole sum."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from rsu import audit
from rsu.authentication import role_required
from rsu.models import Region
from rsu.permissions import in_area

from .. import permissions, services
from .. import replays as replaying
from ..models import Determination, ReplayedSample


class AcknowledgmentForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Ce qui a été trouvé et fait"),
        help_text=gettext_lazy("Gardé avec l’échantillon et au journal."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


@dataclass(frozen=True)
class Told:
    """A sample with its mismatches in the reader's language, and the form that lifts its alarm, for who may."""

    sample: ReplayedSample
    mismatches: list[dict]
    form: AcknowledgmentForm | None


@role_required(*permissions.READERS)
@require_GET
def replays(request):
    permissions.check_read_samples(request.user)
    return _samples_page(request)


def _samples_page(request, refused: tuple[int, AcknowledgmentForm] | None = None):
    """Every sample, the newest first; alarms that stand come before everything, whatever the page."""
    page = Paginator(replaying.samples(), 30).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "alarms": [_told(request, row, refused) for row in replaying.alarms()],
        "samples": [_told(request, row, None) for row in page],
        "reads_rights": request.user.role == "auditor",
    }
    return render(request, "eligibility/replays.html", context, status=422 if refused else 200)


def _told(request, row: ReplayedSample, refused) -> Told:
    form = None
    if permissions.may_acknowledge(request.user):
        form = refused[1] if refused and refused[0] == row.pk else AcknowledgmentForm(auto_id=f"id_{row.pk}_%s")
    return Told(row, replaying.mismatches_of(row), form)


@role_required("administrator")
@require_POST
def acknowledge(request, pk: int):
    wanted = get_object_or_404(ReplayedSample, pk=pk)
    permissions.check_acknowledge(request.user)
    form = AcknowledgmentForm(request.POST, auto_id=f"id_{pk}_%s")
    if not form.is_valid():
        return _samples_page(request, (pk, form))
    try:
        services.acknowledge_sample(wanted.pk, reason=form.cleaned_data["reason"], on=timezone.localdate(), by=request.user)
    except services.AcknowledgmentRefused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("L’alarme est levée, le motif est gardé avec l’échantillon et au journal."))
    return redirect("eligibility:replays")


@role_required("auditor")
@require_GET
def replay(request, pk: int):
    """A family's sum: reading it is written in the trace."""
    row = get_object_or_404(Determination.objects.filter(in_area(request.user, "household__commune")), pk=pk)
    replayed = replaying.replay(row)
    audit.record(by=request.user, verb="replay", household=row.household_id, subject=f"determination:{row.pk}")
    context = {
        "row": row,
        "replayed": replayed,
        "region": Region.objects.filter(pk=replayed.reading.region).first() if replayed.reading else None,
        "remarks": replaying.remarks(row),
    }
    return render(request, "eligibility/replay.html", context)
