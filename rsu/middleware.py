"""What every request carries: the law of today, read once and only if somebody asks for it."""

from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from eligibility import queries


class LawOfTheDay:
    """`request.law`: households' pages check answers against provisions without importing eligibility."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.law = SimpleLazyObject(lambda: queries.law(timezone.localdate()))
        return self.get_response(request)
