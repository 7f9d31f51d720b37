"""Names suggested in the other script, while they are typed."""

from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from rsu.authentication import role_required

from .. import transliteration
from ..permissions import PEOPLE


@require_safe
@never_cache
@role_required(*PEOPLE)
def suggest_names(request):
    """{field still empty: suggestion}, read from the fields given; nothing is kept of either."""
    return JsonResponse(transliteration.suggestions(request.GET))
