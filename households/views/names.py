"""Names suggested in the other script, while they are typed."""

from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from rsu.authentication import role_required

from .. import transliteration
from ..permissions import PEOPLE


@require_POST
@never_cache
@role_required(*PEOPLE)
def suggest_names(request):
    """{field still empty: suggestion}, read from the fields given; nothing is kept of either.

    Posted: a name in an address would stay in the logs of every server on its way.
    """
    return JsonResponse(transliteration.suggestions(request.POST))
