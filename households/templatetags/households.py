"""What the questionnaire's templates need of a page or a person."""

import json

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .. import composition

register = template.Library()


@register.filter
def as_json(value) -> str:
    """Text of an attribute, escaped by the template like any other."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@register.filter
def ask_age(rows) -> bool:
    """Whether some questions of a part wait for an age: a script that hides them until the year of birth is there says so."""
    return any(row.from_age is not None or row.to_age is not None for row in rows)


@register.filter
def married_to(branch, person) -> str:
    """Whom somebody of a couple is married to, in words: a husband to each of his wives, a wife to her husband."""
    husband, *wives = branch.people
    names = [called(one) for one in (wives if person is husband else [husband])]
    said = _("marié à %(name)s") if person.sex == "male" else _("mariée à %(name)s") if person.sex == "female" else _("marié(e) à %(name)s")
    told = said % {"name": names[0]}
    for name in names[1:-1]:
        told = _("%(told)s, à %(name)s") % {"told": told, "name": name}
    return told if len(names) == 1 else _("%(told)s et à %(name)s") % {"told": told, "name": names[-1]}


def called(person) -> str:
    """Somebody of a draft as the list calls them, a member as the file does; each name in its own direction."""
    registered = "name_ar" if get_language() == "ar" else "name_fr"
    return f"\u2068{person.name if getattr(person, 'key', '') else getattr(person, registered)}\u2069"


register.filter(composition.link_of)
register.filter(composition.family_of)
