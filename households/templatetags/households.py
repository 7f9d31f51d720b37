"""What the questionnaire's templates need of a page or a person."""

import json

from django import template

from .. import composition

register = template.Library()


@register.filter
def as_json(value) -> str:
    """Text of an attribute, escaped by the template like any other."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


register.filter(composition.link_of)
register.filter(composition.family_of)
