"""How much a partner may ask: requests counted a fixed window in the shared cache, said in the answer's headers.

The rates stand in REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], as `number/period`.
"""

import time

from django.core.cache import cache
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

from rsu.problems import TooLarge

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LARGEST_BODY = 1_000_000
"""Bytes: a declaration of thirty people is about 40,000."""


class Limit(BaseThrottle):
    """One counter a caller and window, raised atomically: exact whatever the number of processes."""

    scope = ""

    def key(self, request) -> str:
        raise NotImplementedError

    def allow_request(self, request, view) -> bool:
        quota, self.window = self.rate()
        number, elapsed = divmod(time.time(), self.window)
        self.left = int(self.window - elapsed) or 1
        key = f"limit:{self.scope}:{self.key(request)}:{int(number)}"
        cache.add(key, 0, timeout=self.window * 2)
        used = cache.incr(key)
        view.limit_headers = {
            "RateLimit-Policy": f'"{self.scope}";q={quota};w={self.window}',
            "RateLimit": f'"{self.scope}";r={max(quota - used, 0)};t={self.left}',
        }
        return used <= quota

    def rate(self) -> tuple[int, int]:
        """(requests, seconds) of the scope."""
        number, period = api_settings.DEFAULT_THROTTLE_RATES[self.scope].split("/")
        return int(number), SECONDS[period[0]]

    def wait(self) -> int:
        return self.left


class AgencyLimit(Limit):
    scope = "agency"

    def key(self, request) -> str:
        return str(request.user.pk)


class AddressLimit(Limit):
    """Where anybody may ask, and where secrets are tried."""

    scope = "address"

    def key(self, request) -> str:
        return self.get_ident(request)


class VerifyLimit(AddressLimit):
    """The public page that verifies a paper: a person types a few references, a machine that guesses tries millions."""

    scope = "verify"


class BoundedJSONParser(JSONParser):
    """JSON of a bounded size and depth."""

    def parse(self, stream, media_type=None, parser_context=None):
        if int(parser_context["request"].META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
            raise TooLarge
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError from error
