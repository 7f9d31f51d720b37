"""Where an operator says what became of a message: no session, a signature; nothing is told back but that it was heard."""

import json
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from .. import services
from ..gateways.http import is_signed

LARGEST = 4096
DELIVERED = {"delivered": True, "undeliverable": False}


@csrf_exempt
@require_POST
def receipt(request) -> HttpResponse:
    """{"key": the message's, "status": delivered or undeliverable}, its bytes signed in X-Signature."""
    if int(request.headers.get("Content-Length") or 0) > LARGEST or not is_signed(request.body, request.headers.get("X-Signature", "")):
        return HttpResponse(status=401)
    try:
        told = json.loads(request.body)
        key, delivered = UUID(str(told["key"])), DELIVERED[told["status"]]
    except (ValueError, KeyError, TypeError):
        return HttpResponse(status=400)
    known = services.receive_receipt(key=key, delivered=delivered, at=timezone.now())
    return HttpResponse(status=204 if known else 404)
