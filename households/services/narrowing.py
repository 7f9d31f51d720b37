"""A request granted in part: of what it changes, only what was accepted stays in it, before it is applied."""

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from rsu import audit
from rsu.models import User

from ..changes import accepted
from ..models import Request
from .registering import plain
from .requesting import RequestRefused, locked_request, touched_by

Status = Request.Status


@transaction.atomic
def narrow_request(*, request_id: int, paths: Collection[str], on: date, by: User) -> Request:
    """Keep of a request in progress the changes named by their paths. Raises Forbidden, RequestRefused."""
    request = locked_request(request_id, by)
    if request.status != Status.IN_PROGRESS or not request.answers:
        raise RequestRefused({"": _("Cette demande n’attend pas de réponse.")})
    asked = touched_by(request)
    if not set(paths) <= set(asked) or not paths:
        raise RequestRefused({"accepted": _("Choisissez au moins une des réponses que la famille conteste.")})
    if set(paths) == set(asked):
        return request
    request.answers = plain(accepted(request.before, request.answers, paths))
    request.touched = touched_by(request)
    request.save(update_fields=["answers", "touched", "saved_at"])
    left = sorted(set(asked) - set(request.touched))
    audit.record(by=by, verb="request.narrowed", household=request.household, subject=f"request:{request.pk}", left=left)
    return request
