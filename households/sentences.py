"""A declaration told in sentences, as one would say it to the family before sending it: only what was answered and reads well."""

from collections.abc import Mapping
from datetime import date

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from rsu import numerals
from rsu.models import Commune
from rsu.wording import household_of, listed

from . import drafts
from .declaration import Declaration
from .entries import annual
from .forms import label
from .questions import household_questions

NOT_AT_SCHOOL = (None, "no")


def portrait(answers: Mapping, found: Declaration, *, place: Commune | None, on: date) -> SafeString:
    """Who they are, how they live, what they spend, what they have."""
    sentences = [_who(answers, found, place)]
    if found.milieu is not None:
        sentences += filter(None, (_dwelling(found.household, found.milieu), _spending(found.household), _goods(found), _unsaid(found)))
    return format_html_join(" ", "{}", ((sentence,) for sentence in sentences))


def _who(answers: Mapping, found: Declaration, place: Commune | None) -> SafeString:
    members = drafts.people(answers)
    head = next((at for at, member in enumerate(members, start=1) if member.get("relation") == "head"), 1)
    family = household_of(_name(members[head - 1], head)) if members else _("Ménage sans nom")
    where = {
        None: "{family}",
        "urban": _("{family}, à {place}, en milieu urbain"),
        "rural": _("{family}, à {place}, en milieu rural"),
    }[found.milieu if place else None]
    size = _("aucune personne encore") if not members else ngettext("%(n)s personne", "%(n)s personnes", len(members)) % {"n": len(members)}
    among = _among(found)
    sentence = _("{who} : {size}, dont {among}.") if among else _("{who} : {size}.")
    return format_html(sentence, who=format_html(where, family=_apart(family), place=_apart(place)), size=size, among=listed(among))


def _apart(words) -> SafeString:
    return format_html("<bdi>{}</bdi>", words)


def _name(member: Mapping, position: int) -> str:
    arabic = drafts.name_ar(member)
    return arabic if arabic and get_language() == "ar" else label(member, position)


def _among(found: Declaration) -> list[str]:
    pupils = sum(member.get("schooling") not in NOT_AT_SCHOOL for member in found.members)
    workers = sum(member.get("situation") == "employed" for member in found.members)
    disabled = sum(member.get("disability") not in (None, "none") for member in found.members)
    counted = (
        (pupils, ngettext("%(n)s enfant ou jeune scolarisé", "%(n)s enfants ou jeunes scolarisés", pupils)),
        (workers, ngettext("%(n)s personne qui travaille", "%(n)s personnes qui travaillent", workers)),
        (disabled, ngettext("%(n)s personne en situation de handicap", "%(n)s personnes en situation de handicap", disabled)),
    )
    return [words % {"n": number} for number, words in counted if number]


def _dwelling(given: Mapping, milieu: str) -> str:
    if given.get("dwelling_type") == "none":
        return _("Il n’a pas de logement fixe.")
    if not given.get("rooms"):
        return ""
    rooms = ngettext("Il occupe %(n)s pièce", "Il occupe %(n)s pièces", given["rooms"]) % {"n": given["rooms"]}
    details = [_housed(given["dwelling_type"])] if milieu == "rural" and given.get("dwelling_type") else []
    if "bath" in given:
        details.append(_("avec bain ou douche") if given["bath"] else _("sans bain ni douche"))
    meters = {
        "own": _("avec son propre compteur d’électricité"),
        "shared": _("avec un compteur d’électricité partagé"),
        "none": _("sans compteur d’électricité"),
    }
    details += [meters[given["electricity_meter"]]] if given.get("electricity_meter") else []
    return _("{sentence}.").format(sentence=listed([rooms, *details]))


def _housed(kind: str) -> str:
    return {
        "villa": _("dans une villa"),
        "apartment": _("dans un appartement"),
        "traditional_house": _("dans une maison traditionnelle"),
        "modern_house": _("dans une maison moderne"),
        "rural_stone": _("dans une maison rurale en pierre"),
        "rural_earth": _("dans une maison rurale en pisé"),
        "rural_other": _("dans une maison rurale"),
        "basic_or_slum": _("dans un logement sommaire"),
    }.get(kind, _("dans un autre type de logement"))


def _spending(given: Mapping) -> str:
    power = _("%(amount)s MAD d’électricité, eau comprise") if given.get("water_in_electricity") else _("%(amount)s MAD d’électricité")
    asked = (
        ("electricity_bills", power),
        ("water_bills", _("%(amount)s MAD d’eau")),
        ("butane_month", _("%(amount)s MAD de gaz")),
        ("telecom_bills", _("%(amount)s MAD de téléphone et d’internet")),
    )
    amounts = [(_monthly(given[name]), words) for name, words in asked if name in given]
    paid = [words % {"amount": numerals.dirhams(amount, trim=True)} for amount, words in amounts if amount]
    if paid:
        return _("Il dépense en moyenne par mois {amounts}.").format(amounts=listed(paid))
    answered = len(amounts) + bool(given.get("water_in_electricity")) == len(asked)
    return _("Il ne dépense rien en électricité, en eau, en gaz ni en téléphone.") if answered else ""


def _monthly(value) -> int:
    """Centimes: the mean of the months given, half a centime up; the score keeps the exact sum of the year."""
    return (annual(value) + 6) // 12 if isinstance(value, list) else value


def _goods(found: Declaration) -> str:
    given = found.household
    counted = {
        "mobile_phones": lambda n: ngettext("%(n)s téléphone portable", "%(n)s téléphones portables", n),
        "cars": lambda n: ngettext("%(n)s voiture", "%(n)s voitures", n),
        "motorcycles": lambda n: ngettext("%(n)s motocycle", "%(n)s motocycles", n),
        "cows": lambda n: ngettext("%(n)s vache", "%(n)s vaches", n),
    }
    owned = {
        "computer": _("un ordinateur"),
        "dish": _("une antenne parabolique"),
        "landline": _("un téléphone fixe"),
        "second_home": _("un autre logement"),
        "garage": _("un garage"),
        "premises": _("un local professionnel"),
        "land": _("un terrain non agricole"),
        "irrigated_land": _("une terre irriguée"),
        "loan": _("un crédit en cours"),
    }
    goods = [words(given[name]) % {"n": given[name]} for name, words in counted.items() if given.get(name)]
    goods += [words for name, words in owned.items() if given.get(name)]
    if goods:
        return _("Il a {goods}.").format(goods=listed(goods))
    asked = [q.field for q in household_questions(found.milieu) if q.section in ("equipment", "property")]
    return _("Il n’a aucun des équipements ni des biens demandés.") if all(name in given for name in asked) else ""


def _unsaid(found: Declaration) -> str:
    return _("Des réponses manquent encore.") if any(problem.missing for problem in found.problems) else ""
