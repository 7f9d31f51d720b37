"""The rehearsal of a formula on the page of its proposal."""

from django import template

from ..views.rehearsals import Panel, panel_of

register = template.Library()


@register.simple_tag(takes_context=True)
def rehearsal_panel(context, proposal) -> Panel:
    return panel_of(proposal, context["request"].user)
