"""What a person typed, made into values: amounts, numbers, days, yes and no, in either set of digits.

Each function gives a value, or raises `Unreadable` with the sentence to show beside the field.
"""

import re
from datetime import date
from decimal import Decimal

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from stdnum import verhoeff

HIGHEST_MONTH = 100_000 * 100
"""Centimes: a monthly amount above it is a slip of the hand; a technical bound, not a rule."""
HIGHEST_COUNT = 999

_DIGITS = {ord(arabic): str(value) for digits in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹") for value, arabic in enumerate(digits)}
_SIGNS = {ord("٫"): ".", ord(","): ".", ord("،"): ".", ord("٬"): None}
_UNIT = r"(?:dirhams?|dhs?|mad|دراهم|درهم(?:ا)?|د\.م)\.?"
_SPACES = re.compile(r"[\s\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


class Unreadable(ValueError):
    """The entry is not what the question asks; the message is a sentence for the screen. `month` is which of the bills, 0 the oldest."""

    def __init__(self, sentence: str, month: int | None = None) -> None:
        super().__init__(sentence)
        self.month = month


def typed(value) -> str:
    """Any JSON value as the text a person would have typed; nothing is the empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()


def western(text: str) -> str:
    """The same text with Western digits."""
    return text.translate(_DIGITS)


def compact(value) -> str:
    """A number or an identifier without spaces and invisible marks, in Western digits."""
    return western(_SPACES.sub("", typed(value)))


def without_unit(value) -> str:
    """The amount typed, without the dirhams written before or after it."""
    return re.sub(rf"^\s*{_UNIT}\s*(?=\S)|(?<=\S)\s*{_UNIT}\s*$", "", typed(value), flags=re.IGNORECASE)


def money(value) -> int:
    """Dirhams as typed (75 · 75,5 · 75.50 · ٧٥٫٥ · 75 DH) into centimes."""
    text = without_unit(compact(value)).translate(_SIGNS)
    if text.startswith(("-", "−")):
        raise Unreadable(_("Un montant ne peut pas être négatif."))
    if re.fullmatch(r"\d+\.\d{3,}", text):
        raise Unreadable(_("Écrivez le montant en dirhams avec deux décimales au plus, par exemple 75,50."))
    if not re.fullmatch(r"\d{1,12}(\.\d{1,2})?", text):
        raise Unreadable(_("Écrivez un montant en dirhams, par exemple 75 ou 75,50."))
    centimes = int(Decimal(text) * 100)
    if centimes > HIGHEST_MONTH:
        raise Unreadable(_("Ce montant dépasse 100 000 dirhams par mois : vérifiez-le."))
    return centimes


def count(value) -> int:
    text = compact(value)
    if text.startswith(("-", "−")):
        raise Unreadable(_("Un nombre ne peut pas être négatif."))
    if not re.fullmatch(r"\d{1,9}", text):
        raise Unreadable(_("Écrivez un nombre entier, par exemple 2."))
    if int(text) > HIGHEST_COUNT:
        raise Unreadable(_("Ce nombre est trop grand : vérifiez-le."))
    return int(text)


def flag(value) -> bool:
    text = typed(value)
    if text not in ("true", "false"):
        raise Unreadable(_("Répondez par oui ou par non."))
    return text == "true"


def day(value) -> date:
    """A day as YYYY-MM-DD or DD/MM/YYYY."""
    text = compact(value)
    parts = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text)
    if parts:
        year, month, number = map(int, parts.groups())
    elif parts := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text):
        number, month, year = map(int, parts.groups())
    else:
        raise Unreadable(_("Écrivez la date sous la forme jour/mois/année, par exemple 05/03/2020."))
    try:
        return date(year, month, number)
    except ValueError:
        raise Unreadable(_("Ce jour n’existe pas dans le calendrier.")) from None


def idcs(value) -> str:
    """The population register's number: ten digits, the first from 2 to 9, the last a Verhoeff check digit."""
    text = compact(value).replace("-", "")
    if not re.fullmatch(r"[2-9][0-9]{9}", text):
        raise Unreadable(_("Un IDCS a dix chiffres et ne commence ni par 0 ni par 1."))
    if not verhoeff.is_valid(text):
        raise Unreadable(_("Cet IDCS contient une erreur de frappe : son dernier chiffre ne correspond pas aux autres."))
    return text


def phone(value) -> str:
    text = re.sub(r"^(\+|00)212", "0", re.sub(r"[.\-]", "", compact(value)))
    if not re.fullmatch(r"0[5-7][0-9]{8}", text):
        raise Unreadable(_("Un numéro de téléphone a dix chiffres et commence par 05, 06 ou 07."))
    return text


def text(value, longest: int) -> str:
    words = " ".join(typed(value).split())
    if len(words) > longest:
        raise Unreadable(_("Ce texte dépasse %(longest)s caractères.") % {"longest": longest})
    return words


def choice(value, choices) -> str:
    code = typed(value)
    if code not in choices:
        raise Unreadable(_("Choisissez une des réponses proposées."))
    return code


def bills(value) -> list[int | None]:
    """One to three monthly amounts in centimes, months not given kept as None; an empty list is "no bill"."""
    if not isinstance(value, list) or len(value) > 3:
        raise Unreadable(_("Donnez un à trois montants mensuels."))
    if not value:
        return []
    months = [_month(place, month) for place, month in enumerate(value)]
    if all(month is None for month in months):
        raise Unreadable(_("Donnez au moins un mois, ou cochez qu’il n’y a pas de facture."))
    return months + [None] * (3 - len(months))


def _month(place: int, value) -> int | None:
    try:
        return money(value) if typed(value) else None
    except Unreadable as unreadable:
        raise Unreadable(str(unreadable), place) from unreadable


def last_months(on: date) -> list[str]:
    """Names of the three months before this one, those that bills are asked for, the oldest first."""
    months = []
    for back in (3, 2, 1):
        year, month = divmod(on.year * 12 + on.month - 1 - back, 12)
        months.append(f"{MONTHS[month + 1]} {year}")
    return months


def annual(months: list[int | None]) -> int:
    """Centimes a year: the mean of the months given, times 12; always whole."""
    given = [month for month in months if month is not None]
    return sum(given) * 12 // len(given) if given else 0
