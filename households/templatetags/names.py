"""Names suggested beside a field that is still empty."""

from django import template

from households import transliteration

register = template.Library()


@register.filter
def suggested(answers, field: str) -> str:
    return transliteration.suggestion(field, answers)


@register.filter
def is_name(field: str) -> bool:
    return field in transliteration.OTHER
