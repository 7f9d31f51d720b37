"""The same words said in both languages at once, for what is printed for a family: each text becomes {"fr": …, "ar": …}."""

import html
import re
from collections.abc import Callable

from django.utils.translation import override

LEFT_TO_RIGHT, OWN_DIRECTION, END = "\u2066", "\u2068", "\u2069"
_MARKS = {'<bdi dir="ltr">': LEFT_TO_RIGHT, "<bdi>": OWN_DIRECTION, "</bdi>": END}


def both(say: Callable[[], object]):
    """What `say` answers under French and under Arabic, paired text by text; it must answer the same shape twice."""
    with override("fr"):
        french = _spoken(say())
    with override("ar"):
        arabic = _spoken(say())
    return _paired(french, arabic)


def plain(text) -> str:
    """A sentence of a page as text alone: the elements that isolate a figure become the characters that do."""
    written = re.sub(r"</?bdi[^>]*>", lambda mark: _MARKS[mark[0]], str(text))
    return html.unescape(written)


def isolated(text) -> str:
    """A figure or an identifier that stays left to right in an Arabic sentence."""
    return f"{LEFT_TO_RIGHT}{text}{END}" if text else ""


def named(text) -> str:
    """A name in whatever script it is known, that does not turn the words around it."""
    return f"{OWN_DIRECTION}{text}{END}" if text else ""


def _spoken(said):
    """Every text as it is said now: a lazy one would be said later, in whatever language."""
    if isinstance(said, dict):
        return {key: _spoken(value) for key, value in said.items()}
    if isinstance(said, list | tuple):
        return [_spoken(value) for value in said]
    return said if isinstance(said, Fixed) else plain(said)


def _paired(french, arabic):
    if isinstance(french, dict):
        if french.keys() != arabic.keys():
            raise ValueError(f"the languages do not say the same things: {french.keys() ^ arabic.keys()}")
        return {key: _paired(french[key], arabic[key]) for key in french}
    if isinstance(french, list):
        return [_paired(*pair) for pair in zip(french, arabic, strict=True)]
    if isinstance(french, Fixed):
        if french != arabic:
            raise ValueError(f"{french!r} and {arabic!r} must be one")
        return french.value
    return {"fr": french, "ar": arabic}


class Fixed:
    """A value that is the same in both languages and stays single: a code, a number, a boolean."""

    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return isinstance(other, Fixed) and self.value == other.value

    def __repr__(self):
        return f"Fixed({self.value!r})"
