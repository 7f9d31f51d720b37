"""What a key of the law is called on a page."""

from django import template

from .. import wording

register = template.Library()


@register.filter
def key_label(key: str) -> str:
    return str(wording.KEYS[key].label)
