"""What is told to a family beside changes of status: a place about to end, a month's other amount, a month corrected, a sum to be taken
back, a payment that came back, an answer to an appeal. Sentences in the language that is asked for, from what the notice keeps.
"""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rsu.wording import listed

from .allowances import NATIONALITY, OTHER_ALLOWANCES
from .models import AllowanceLine, Appeal, Forewarning, Overpayment, RightNotice
from .paying import reasons
from .phrases import basis, day_of, money, month_of, name_of, source

Deed, What = RightNotice.Deed, Forewarning.What

AT_THE_OFFICE = gettext_lazy("Si ce n’est pas exact, venez au bureau avec vos pièces.")

BEFORE_THAT_DAY = {
    What.MAJORITY: gettext_lazy(
        "Avant ce jour : si cette personne étudie ou a un handicap, apportez au bureau son certificat. Sinon, demandez au bureau quelle "
        "couverture peut être ouverte à son nom."
    ),
    What.STUDIES: gettext_lazy("Avant ce jour, demandez au bureau quelle couverture peut être ouverte à son nom."),
    What.CERTIFICATE: gettext_lazy("Avant ce jour, apportez au bureau le certificat de handicap renouvelé."),
    What.PERMIT: gettext_lazy("Avant ce jour, apportez au bureau le titre de séjour renouvelé."),
}

CHANGES = {
    "born": gettext_lazy("{who} est né(e) et compte désormais."),
    "arrived": gettext_lazy("{who} compte désormais."),
    "too_old": gettext_lazy("{who} a eu {age} ans et ne compte plus."),
    "left": gettext_lazy("{who} ne compte plus : départ, mariage ou autre réponse changée."),
    "turned": gettext_lazy("{who} a eu {age} ans et n’est pas scolarisé(e) d’après vos réponses."),
    "out_of_school": gettext_lazy("{who} n’est plus scolarisé(e) d’après vos réponses."),
    "in_school": gettext_lazy("{who} est scolarisé(e)."),
    "orphan": gettext_lazy("{who} compte comme orphelin(e) de père."),
    "not_orphan": gettext_lazy("{who} ne compte plus comme orphelin(e) de père."),
    "rank": gettext_lazy("{who} passe du rang {before} au rang {now} parmi les enfants."),
    "disability": gettext_lazy("Le supplément pour handicap de {who} commence."),
    "no_disability": gettext_lazy("Le supplément pour handicap de {who} prend fin."),
    "rates": gettext_lazy("Les montants fixés par la loi ont changé ({source})."),
    "flat": gettext_lazy("Aucun enfant ne compte plus : l’aide devient forfaitaire."),
    "floor": gettext_lazy("Le complément au minimum du ménage a changé."),
}
"""Why a month's amount differs from the one before, by the code that `monthly_changes` finds."""


UNPAID = {
    OTHER_ALLOWANCES: gettext_lazy(
        "Le chef de famille ou son conjoint reçoit des allocations familiales d’un autre régime : pas de cumul."
    ),
    NATIONALITY: gettext_lazy("La personne qui recevrait l’aide doit être de nationalité marocaine."),
}


def what(notice: RightNotice) -> str:
    return _WHAT[notice.deed](notice.content)


def why(notice: RightNotice) -> list[str]:
    """The reason, then the provisions it rests on."""
    return [*_WHY[notice.deed](notice.content), *basis(notice.content)]


def next_steps(notice: RightNotice) -> list[str]:
    return _NEXT[notice.deed](notice.content)


def _warned(content: dict) -> str:
    sentence = _("{who} ne sera plus couvert(e) comme ayant droit à partir du {day}.")
    return sentence.format(who=_people(content), day=day_of(content["until"]))


def _amount(content: dict) -> str:
    sentence = _(
        "L’aide sociale directe de {month} est de {now} MAD ; celle de {earlier} était de {before} MAD, sans les sommes d’une fois."
    )
    said = {"month": month_of(content["month"]), "earlier": month_of(content["earlier"])}
    return sentence.format(**said, now=money(content["now"]), before=money(content["before"]))


def _unpaid(content: dict) -> str:
    sentence = _("L’aide sociale directe n’est pas versée à partir du mois de {month} ; le droit garde sa place.")
    return sentence.format(month=month_of(content["month"]))


def _corrected(content: dict) -> str:
    amount = content["amount"]
    if amount > 0:
        sentence = _("Le mois de {month} a été relu : {amount} MAD vous sont encore dus.")
    elif amount < 0:
        sentence = _("Le mois de {month} a été relu : {amount} MAD ont été reçus en trop.")
    else:
        sentence = _("Le mois de {month} a été relu : ses lignes changent, son total reste le même.")
    return sentence.format(month=month_of(content["month"]), amount=money(abs(amount)))


def _recovery(content: dict) -> str:
    if content["state"] == Overpayment.State.WAIVED:
        sentence = _("Les {amount} MAD reçus en trop pour {month} ne seront pas retenus.")
    else:
        sentence = _("Les {amount} MAD reçus en trop pour {month} seront retenus sur l’aide : {share} MAD par mois au plus.")
    return sentence.format(amount=money(content["amount"]), share=money(content["share"] or 0), month=month_of(content["month"]))


def _returned(content: dict) -> str:
    sentence = _("Le versement de {amount} MAD pour {month} n’a pas pu être fait.")
    return sentence.format(amount=money(content["amount"]), month=month_of(content["month"]))


def _answered(content: dict) -> str:
    sentence = _("Votre recours déposé le {day} a reçu sa réponse : {answer}.")
    return sentence.format(day=day_of(content["filed_on"]), answer=Appeal.Status(content["status"]).label)


def _why_amount(content: dict) -> list[str]:
    return [_change(one) for one in content["changes"]]


def _change(one: dict) -> str:
    said = {name: one[name] for name in ("age", "before", "now") if name in one}
    said |= {"who": name_of(one["who"]) if one.get("who") else _("Une personne"), "source": source(one.get("source", ""))}
    return str(CHANGES[one["code"]]).format(**said)


def _why_corrected(content: dict) -> list[str]:
    said = [_reason(content["reason"])] if content["reason"] else []
    for kind, who, amount in content["lines"]:
        named = name_of(who) if who else _("Le ménage")
        signed = f"{'+' if amount > 0 else '−'}{money(abs(amount))}"
        said.append(_("{who} : {kind}, {amount} MAD").format(who=named, kind=AllowanceLine.Kind(kind).label, amount=signed))
    if content["made_up"]:
        said.append(_("Dont {amount} MAD déjà reçus en trop pour ce mois.").format(amount=money(content["made_up"])))
    return said


def _next_corrected(content: dict) -> list[str]:
    if content["amount"] > content["made_up"]:
        return [_("Cette somme est versée avec le prochain mois d’aide ; vous n’avez rien à faire.")]
    if content["amount"] < 0:
        return [_("Rien n’est retenu sans une décision, qui vous sera notifiée."), str(AT_THE_OFFICE)]
    return [_("Vous n’avez rien à faire.")]


def _next_recovery(content: dict) -> list[str]:
    if content["state"] == Overpayment.State.WAIVED:
        return [_("Vous n’avez rien à faire.")]
    return [_("Si cette retenue met le ménage en difficulté, dites-le au bureau.")]


def _reason(reason: str) -> str:
    return _("Motif : {reason}").format(reason=_(reason))


def _people(content: dict) -> str:
    return listed(name_of(one) for one in content["people"]) or _("Une personne de votre ménage")


Sentences = Mapping[str, Callable[[dict], list[str]]]

_WHAT: Mapping[str, Callable[[dict], str]] = {
    Deed.WARNED: _warned,
    Deed.AMOUNT: _amount,
    Deed.UNPAID: _unpaid,
    Deed.CORRECTED: _corrected,
    Deed.RECOVERY: _recovery,
    Deed.RETURNED: _returned,
    Deed.ANSWERED: _answered,
}
DEEDS = tuple(_WHAT)
_WHY: Sentences = {
    Deed.WARNED: lambda content: [_("Motif : {reason}").format(reason=What(content["what"]).label)],
    Deed.AMOUNT: _why_amount,
    Deed.UNPAID: lambda content: [str(UNPAID[content["finding"]])],
    Deed.CORRECTED: _why_corrected,
    Deed.RECOVERY: lambda content: [_reason(content["reason"])],
    Deed.RETURNED: lambda content: [_("Motif : {reason}").format(reason=reasons.reason_of(content["code"]).words)],
    Deed.ANSWERED: lambda content: [_reason(content["reason"])],
}
_NEXT: Sentences = {
    Deed.WARNED: lambda content: [str(BEFORE_THAT_DAY[content["what"]])],
    Deed.AMOUNT: lambda content: [str(AT_THE_OFFICE)],
    Deed.UNPAID: lambda content: [_("Dès que cela change, dites-le au bureau avec vos pièces : l’aide reprend avec le mois qui suit.")],
    Deed.CORRECTED: _next_corrected,
    Deed.RECOVERY: _next_recovery,
    Deed.RETURNED: lambda content: [str(reasons.reason_of(content["code"]).asked)],
    Deed.ANSWERED: lambda content: [_("Demandez au bureau la réponse écrite : elle dit ce qui change, et à partir de quel jour.")],
}
