"""An SMS operator reached by HTTP: JSON, a bearer token, the message's key against doubles; its receipts come back signed."""

import hashlib
import hmac
import json
import urllib.error
import urllib.request

from django.conf import settings

from . import Later, Letter, Refused, Sent

BUSY = (408, 425, 429, 500, 502, 503)
"""Answers of an operator that did not take the message. 504 is not one: somebody behind may have."""


class Http:
    recognizes_doubles = True

    def send(self, letter: Letter) -> Sent:
        body = json.dumps({"to": letter.address, "text": letter.body, "key": str(letter.key)}).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": str(letter.key),
            "Authorization": f"Bearer {settings.SMS_GATEWAY_TOKEN}",
        }
        request = urllib.request.Request(settings.SMS_GATEWAY_URL, data=body, headers=headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=settings.SMS_GATEWAY_TIMEOUT) as answer:
                told = json.load(answer)
        except urllib.error.HTTPError as refusal:
            if refusal.code in BUSY:
                raise Later(f"HTTP {refusal.code}") from refusal
            if 400 <= refusal.code < 500:
                raise Refused(f"HTTP {refusal.code}") from refusal
            raise
        except urllib.error.URLError as away:
            # Refused before anything was written; a connection lost later leaves the message in doubt.
            if isinstance(away.reason, ConnectionRefusedError):
                raise Later(str(away.reason)) from away
            raise
        return Sent(external_id=str(told.get("id", "")))


def signature(body: bytes) -> str:
    """Of a receipt: HMAC-SHA256 of the body's bytes under the secret shared with the operator."""
    return hmac.new(settings.GATEWAY_SECRET.encode(), body, hashlib.sha256).hexdigest()


def is_signed(body: bytes, given: str) -> bool:
    """False while no secret is shared."""
    return bool(settings.GATEWAY_SECRET) and hmac.compare_digest(signature(body).encode(), given.encode())
