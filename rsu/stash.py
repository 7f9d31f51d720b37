"""What was typed on a page whose session had ended: kept for the same person, shown again after the login, never written by itself.

The page bears its author's signed mark; only a form with one is kept, in the session of the browser it came from. Whoever
logs in next gets it back if they are its author and it is still fresh, and nobody sees it otherwise. It comes back as typed
on its own page, waiting for the button: a form forged elsewhere has no mark, and could not write anything if it had.
"""

from django.core import signing
from django.http import HttpRequest, QueryDict
from django.shortcuts import render

from rsu.models import User

FIELD = "page_author"
KEPT = "stash"
FRESH_FOR = 3600
PAGE_LIVES = 12 * 3600
LONGEST = 100_000
"""Characters of a form worth keeping; the longest page of the questionnaire has a few thousand."""

_author = signing.TimestampSigner(salt="rsu.stash.author")
_kept = signing.TimestampSigner(salt="rsu.stash.kept")
LEFT_OUT = (FIELD, "csrfmiddlewaretoken")


def author_mark(user: User) -> str:
    return _author.sign(str(user.pk))


def keep(request: HttpRequest) -> bool:
    """Put the form aside in the browser's session; whether it was."""
    try:
        author = _author.unsign(request.POST.get(FIELD, ""), max_age=PAGE_LIVES)
    except signing.BadSignature:
        return False
    data = request.POST.copy()
    for name in LEFT_OUT:
        data.pop(name, None)
    typed = data.urlencode()
    if len(typed) > LONGEST:
        return False
    request.session[KEPT] = {"author": author, "path": request.path, "typed": typed, "at": _kept.sign("at")}
    return True


def waits(request: HttpRequest) -> bool:
    """Whether this browser kept a form that is still fresh; never whose, nor of which page."""
    kept = request.session.get(KEPT)
    return kept is not None and _is_fresh(kept)


def _is_fresh(kept: dict) -> bool:
    try:
        _kept.unsign(kept["at"], max_age=FRESH_FOR)
    except signing.BadSignature:
        return False
    return True


def take_back(request: HttpRequest) -> QueryDict | None:
    """What this person had typed on this very page, once; somebody else's, or an old one, is forgotten."""
    kept = request.session.get(KEPT)
    if kept is None:
        return None
    own = kept["author"] == str(request.user.pk)
    if own and kept["path"] != request.path:
        return None
    del request.session[KEPT]
    return QueryDict(kept["typed"]) if own and _is_fresh(kept) else None


def csrf_failure(request: HttpRequest, reason: str = ""):
    """A page opened before the last login, or a form from elsewhere: nothing is written, and what has an author is kept."""
    again = request.path if keep(request) else ""
    return render(request, "403_csrf.html", {"again": again}, status=403)
