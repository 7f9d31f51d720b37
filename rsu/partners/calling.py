"""A partner that calls the partner API of a running demo: a token, batches, and what became of each."""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

BATCH = 1_000
PATIENCE = 30


class Refused(Exception):
    """The API said no; the message is its problem's detail."""


def deliver(url: str, code: str, kind: str, rows: Sequence[dict], *, as_of: date, secret: str = "") -> Iterator[dict]:
    """Send the rows in batches under the agency's own client; each delivery as the API shows it. Raises Refused."""
    token = _token(url, code, secret or f"{code}-secret")
    for first in range(0, len(rows), BATCH):
        body = json.dumps({"as_of": as_of.isoformat(), "rows": list(rows[first : first + BATCH])}).encode()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        yield _asked(Request(f"{url}/api/v1/feeds/{kind}", body, headers))


def _token(url: str, code: str, secret: str) -> str:
    body = urlencode({"grant_type": "client_credentials", "client_id": code, "client_secret": secret}).encode()
    return _asked(Request(f"{url}/api/v1/token", body))["access_token"]


def _asked(request: Request) -> dict:
    try:
        with urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)
    except HTTPError as error:
        raise Refused(json.load(error).get("detail", str(error))) from error
