"""Filters every page writes figures and identifiers with, and the words of states, facts and deeds.

A figure is isolated left to right (`<bdi dir="ltr">`): in an Arabic sentence "1234-5678" would be shown in the wrong order.
"""

from datetime import date, timedelta

from django import forms, template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from eligibility.facts import BY_NAME
from eligibility.law import in_script
from eligibility.references import grouped
from eligibility.score import threshold_points
from rsu import numerals, statement, wording

register = template.Library()


def isolated(text) -> SafeString:
    return format_html('<bdi dir="ltr">{}</bdi>', text)


@register.filter
def points(score: int | None) -> str:
    """A score in units of 10^-7, all seven decimals."""
    return "" if score is None else isolated(numerals.points(score))


@register.filter
def plain_points(score: int) -> str:
    """The same where no tag may stand: in an option, in an attribute."""
    return f"\u2066{numerals.points(score)}\u2069"


@register.filter
def signed_points(amount: int | None) -> str:
    return "" if amount is None else isolated(numerals.points(amount, signed=True))


@register.filter
def cut_points(score: int) -> str:
    """Three decimals at most, as plain text for a drawing."""
    return numerals.short_points(score)


@register.filter
def distance(score: int | None) -> str:
    """How far a score is from a line, without its sign."""
    return "" if score is None else isolated(numerals.points(abs(score)))


@register.filter
def dirhams(centimes: int | None) -> str:
    return "" if centimes is None else isolated(numerals.dirhams(centimes))


@register.filter
def whole_dirhams(centimes: int | None) -> str:
    """Without ",00" when there are no centimes."""
    return "" if centimes is None else isolated(numerals.dirhams(centimes, trim=True))


@register.filter
def signed_dirhams(centimes: int | None) -> str:
    """A difference of money."""
    return "" if centimes is None else isolated(("+" if centimes > 0 else "") + numerals.dirhams(centimes, trim=True))


@register.filter
def count(number: int | None) -> str:
    return "" if number is None else isolated(numerals.count(int(number)))


@register.filter
def signed_count(number: int | None) -> str:
    return "" if number is None else isolated(numerals.count(int(number), signed=True))


@register.filter
def percent(part: int | None, whole: int | None) -> str:
    return isolated(numerals.percent(int(part or 0), int(whole or 0)))


@register.filter
def idcs(number: str) -> str:
    """Ten digits of a person, grouped 4-3-3 for the eye."""
    text = str(number or "")
    spaced = numerals.NARROW_SPACE.join((text[:4], text[4:7], text[7:])) if len(text) == 10 else text
    return isolated(spaced) if text else ""


@register.filter
def household_code(code: str) -> str:
    text = str(code or "")
    return isolated(f"{text[:10]}-{text[10:]}" if len(text) == 11 else text) if text else ""


@register.filter
def reference(number: str) -> str:
    """Of a paper, in groups of four."""
    return isolated(grouped(number)) if number else ""


@register.filter
def ltr(text) -> str:
    """Any other identifier: a telephone number, a dotted code."""
    return isolated(text) if text else ""


@register.filter
def named(who) -> str:
    """A person's or an agency's name within a sentence, isolated: Latin letters among Arabic words would turn the day beside them."""
    return format_html("<bdi>{}</bdi>", who) if who else ""


register.filter(threshold_points)
register.filter(statement.term_label)
register.filter(wording.listed)
register.filter(wording.household_of)
register.filter(wording.day, expects_localtime=True)
register.filter(wording.of_month)
register.simple_tag(wording.colon)
register.simple_tag(wording.comma)


@register.filter
def in_language(source: str) -> str:
    return in_script(source, arabic=get_language() == "ar")


@register.filter
def is_doubtful(cited) -> bool:
    """Whether a source is not confirmed and does not say so itself; a proposal has no confidence yet."""
    return getattr(cited, "confidence", "") == "L" and "non confirmée" not in cited.source


@register.filter
def sources(lines) -> list:
    """The provisions behind the lines of an amount, each source once, in the order of the lines."""
    cited = {}
    for line in lines:
        cited.setdefault(line.provision.source, line.provision)
    return list(cited.values())


@register.filter
def fact_label(name: str) -> str:
    return str(wording.FACTS.get(name, name))


@register.filter
def person_name(member) -> str:
    return member.name_ar if get_language() == "ar" else member.name_fr


@register.filter
def people(members) -> SafeString:
    """Names one after the other, each in its own direction."""
    return mark_safe(wording.listed(format_html("<bdi>{}</bdi>", person_name(member)) for member in members))  # escaped one by one


@register.filter
def whereabouts(commune) -> str:
    return wording.listed([commune, commune.region])


@register.filter
def other_name(member) -> str:
    """The name in the other script; empty when it is not known."""
    if member is None:
        return ""
    name = member.name_fr if get_language() == "ar" else member.name_ar
    return "" if name == person_name(member) else name


@register.filter
def head(members):
    """The person the household is called after: its head, or else the first declared."""
    people = list(members)
    return next((member for member in people if member.relation == "head"), people[0] if people else None)


@register.filter
def age(born_on: date, on: date) -> int:
    """Completed years; who is born on the 29th of February grows older on the 1st of March."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


@register.filter
def eve(until: date | None) -> date | None:
    """The last day of a period that ends with a day excluded."""
    return until - timedelta(days=1) if until else None


@register.filter
def is_open(until: date) -> bool:
    """Whether a period has no end: 9999-12-31 stands for it."""
    return until is None or until.year == 9999


@register.filter
def state_class(status: str) -> str:
    return wording.STATES.get(status, ("off", ""))[0]


@register.filter
def state_sign(status: str) -> str:
    return wording.STATES.get(status, ("off", "–"))[1]


@register.filter
def with_status(rows, status: str) -> list:
    """Those of the rows that have one of the statuses, comma separated."""
    return [row for row in rows if row.status in status.split(",")]


@register.filter
def deed(verb: str) -> str:
    """What an audit event records, in words."""
    return str(wording.DEEDS.get(verb, verb))


@register.filter
def questions(missing) -> list[str]:
    """The questions behind facts that could not be read, each once, in the order of the law."""
    asks = [ask for name in missing for ask in (BY_NAME[name].asks.split() if name in BY_NAME else [name])]
    return [str(wording.QUESTIONS.get(ask, ask)) for ask in dict.fromkeys(asks)]


@register.filter
def lever_sentence(lever) -> SafeString:
    """What would have to change, in one line: a bill in dirhams a month, a possession in number, an answer in yes or no."""
    label = fact_label(lever.fact)
    if lever.kind == "money":
        more = lever.change > 0
        amount = isolated(numerals.count(abs(lever.dirhams)))
        sentence = _("{label} : {amount} MAD de plus par mois") if more else _("{label} : {amount} MAD de moins par mois")
        return format_html(sentence, label=label, amount=amount)
    if lever.kind == "answer":
        return format_html(_("{label} : oui au lieu de non") if lever.after else _("{label} : non au lieu de oui"), label=label)
    return format_html(_("{label} : {after} au lieu de {before}"), label=label, after=lever.after, before=lever.before)


@register.filter
def control(field) -> str:
    """The widget of a form field with the look of the house."""
    widget = field.field.widget
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return field.as_widget()  # a class given to the group would fall on its frame too
    if isinstance(widget, forms.CheckboxInput):
        name = "form-check-input"
    else:
        name = "form-select" if isinstance(widget, forms.Select) else "form-control"
    own = widget.attrs.get("class", "")
    invalid = " is-invalid" if field.errors else ""
    return field.as_widget(attrs={"class": f"{own} {name}{invalid}".strip()})


@register.filter
def is_checkbox(field) -> bool:
    return isinstance(field.field.widget, forms.CheckboxInput)


register.simple_tag(statement.ruler)
register.simple_tag(statement.sum_of_terms)
register.simple_tag(statement.dwelling)
