"""A probability as people read it."""

from django import template

from rsu import numerals

from .rsu import isolated

register = template.Library()


@register.filter
def likelihood(ten_thousandths: int | None) -> str:
    """99,2 %: never rounded up to certainty."""
    if ten_thousandths is None:
        return ""
    return isolated(f"{ten_thousandths // 100},{ten_thousandths % 100 // 10}{numerals.NARROW_SPACE}%")
