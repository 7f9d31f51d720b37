"""The warning that households keep their decision of before, on every page where somebody may do something about it."""

from django import template

from .. import permissions
from ..models import Run
from ..runs import left_behind

register = template.Library()


@register.inclusion_tag("eligibility/run_left.html", takes_context=True)
def runs_left_behind(context) -> dict[str, list[Run]]:
    """Nothing for who does not read runs."""
    return {"left": [*left_behind()] if permissions.may_read_runs(context["request"].user) else []}
