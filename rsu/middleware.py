"""What every request carries, read once and only if somebody asks for it: the law of today, a mark of the browser."""

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.functional import SimpleLazyObject

from eligibility import queries


class LawOfTheDay:
    """`request.law`: households' pages check answers against provisions without importing eligibility."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.law = SimpleLazyObject(lambda: queries.law(timezone.localdate()))
        return self.get_response(request)


class KnownBrowser:
    """`request.browser`: a random mark that tells a browser from another, and outlives its sessions; it says nothing of the person."""

    COOKIE, LIVES = "browser", 365 * 24 * 3600

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        drawn = []

        def mark() -> str:
            known = request.get_signed_cookie(self.COOKIE, default="", salt=__name__)
            if not known:
                drawn.append(known := get_random_string(22))
            return known

        request.browser = SimpleLazyObject(mark)
        response = self.get_response(request)
        for new in drawn:
            response.set_signed_cookie(
                self.COOKIE, new, salt=__name__, max_age=self.LIVES, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
            )
        return response
