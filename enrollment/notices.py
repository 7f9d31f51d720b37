"""What a change of status says to the family, by deed and program: the table of its sentences, in the language that is asked for."""

from collections.abc import Mapping
from datetime import timedelta

from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from eligibility.models import OPEN
from eligibility.references import grouped
from rsu import numerals
from rsu.wording import day, listed

from . import announcements
from .models import RightNotice, Scheme
from .phrases import date_of, isolated, money, month_of, name_of, source

Deed = RightNotice.Deed
LANGUAGES = ("fr", "ar")

TOLD: Mapping[tuple[str, str], str | None] = {
    ("", "proposed"): None,  # nothing is decided yet
    ("", "migrated"): None,  # the cover goes on as it was: told when it is kept or ended
    ("", "active"): Deed.OPENED,
    ("migrated", "active"): Deed.KEPT,
    ("migrated", "ended"): Deed.ENDED,
    ("proposed", "active"): Deed.OPENED,
    ("proposed", "refused"): Deed.REFUSED,
    ("active", "in_review"): Deed.REVIEWED,
    ("active", "suspended"): Deed.SUSPENDED,
    ("active", "ended"): Deed.ENDED,
    ("in_review", "active"): Deed.KEPT,
    ("in_review", "suspended"): Deed.SUSPENDED,
    ("in_review", "ended"): Deed.ENDED,
    ("suspended", "active"): Deed.RESUMED,
    ("suspended", "ended"): Deed.ENDED,
}
"""Every move of lifecycle.MOVES, and the deed that the family is told; None is bookkeeping."""

KEPT_OF_RAMED = Deed.KEPT
"""What a family is told when an enrollment opens by taking over its moved cover: for it, nothing opens."""

BOOKKEEPING = (("proposed", "refused"),)
"""Moves that are told when a person makes them: the engine's withdraw a proposal that the family never heard of."""

CONTESTED = (
    Deed.OPENED, Deed.KEPT, Deed.SUSPENDED, Deed.RESUMED, Deed.ENDED, Deed.REFUSED, Deed.AMOUNT, Deed.UNPAID, Deed.CORRECTED,
    Deed.RECOVERY,
)  # fmt: skip
"""Decisions: the days to contest them run from the notice. An examination decides nothing, nor does a forewarning or a bank."""

UNCONTESTED = {
    Deed.REVIEWED: gettext_lazy(
        "Cet examen ne décide rien : aucun délai de recours ne court. La décision qui suivra vous sera notifiée avec le sien."
    ),
    Deed.WARNED: gettext_lazy(
        "Ce préavis ne décide rien : aucun délai de recours ne court. La décision qui suivra vous sera notifiée avec le sien."
    ),
    Deed.RETURNED: gettext_lazy(
        "Ce rejet vient de l’organisme payeur et n’est pas une décision sur votre droit : aucun délai de recours ne court. La somme vous "
        "reste due ; si son montant vous paraît faux, un recours contre ce mois se dépose au bureau."
    ),
    Deed.ANSWERED: gettext_lazy(
        "Aucun nouveau délai de recours ne part de cette réponse ; une décision qui en découle vous est notifiée avec le sien. Pour qu’elle "
        "vous soit expliquée, venez au bureau nommé en tête de cette notification, avec sa référence."
    ),
}
"""Why nothing is to be contested in the other deeds, and what remains to be done."""

COVER = (Scheme.AMO_TADAMON, Scheme.AMO_ACHAMIL)

WHAT = {
    (Deed.OPENED, "cover"): gettext_lazy("La couverture {program} est ouverte à {people}, à partir du {since}."),
    (Deed.OPENED, "aid"): gettext_lazy("L’aide sociale directe est accordée à votre ménage, à partir du mois de {since_month}."),
    (Deed.KEPT, "cover"): gettext_lazy("La couverture {program} de {people} est maintenue."),
    (Deed.KEPT, "aid"): gettext_lazy("L’aide sociale directe de votre ménage est maintenue."),
    (Deed.REVIEWED, "cover"): gettext_lazy("La couverture {program} de {people} est à l’examen ; elle continue pendant ce temps."),
    (Deed.REVIEWED, "aid"): gettext_lazy("L’aide sociale directe de votre ménage est à l’examen ; elle continue pendant ce temps."),
    (Deed.SUSPENDED, "cover"): gettext_lazy("La couverture {program} de {people} est suspendue à partir du {day}."),
    (Deed.SUSPENDED, "aid"): gettext_lazy("L’aide sociale directe de votre ménage est suspendue à partir du {day}."),
    (Deed.RESUMED, "cover"): gettext_lazy("La couverture {program} de {people} reprend à partir du {day}."),
    (Deed.RESUMED, "aid"): gettext_lazy("L’aide sociale directe de votre ménage reprend à partir du {day}."),
    (Deed.ENDED, "cover"): gettext_lazy("La couverture {program} de {people} prend fin ; son dernier jour est le {last}."),
    (Deed.ENDED, "aid"): gettext_lazy("L’aide sociale directe de votre ménage prend fin ; son dernier jour est le {last}."),
    (Deed.REFUSED, "cover"): gettext_lazy("La couverture {program} n’est pas accordée à {people}."),
    (Deed.REFUSED, "aid"): gettext_lazy("L’aide sociale directe n’est pas accordée à votre ménage."),
}
"""What was decided, once for every deed and kind of right."""

NEXT = {
    Deed.OPENED: gettext_lazy("Déclarez au bureau tout changement du ménage : une naissance, un départ, un emploi, une autre couverture."),
    Deed.KEPT: gettext_lazy("Vous n’avez rien à faire. Déclarez au bureau tout changement du ménage."),
    Deed.REVIEWED: gettext_lazy(
        "Si des réponses ne sont plus exactes, venez au bureau les corriger avec vos pièces, sans attendre la décision."
    ),
    Deed.SUSPENDED: gettext_lazy("Venez au bureau avec les pièces du ménage : le droit garde sa place et peut reprendre."),
    Deed.RESUMED: gettext_lazy("Vous n’avez rien à faire. Déclarez au bureau tout changement du ménage."),
    Deed.ENDED: gettext_lazy("Si votre situation change, une nouvelle demande peut être déposée au bureau à tout moment."),
    Deed.REFUSED: gettext_lazy("Si votre situation change, une nouvelle demande peut être déposée au bureau à tout moment."),
}

SAID = gettext_lazy("Registre social unifié : une décision concerne votre dossier {code}. Lisez la notification {reference} au bureau.")
DECIDED = gettext_lazy("Une décision concerne votre dossier")
_NOTICE = gettext_lazy("Registre social unifié : un avis concerne votre dossier {code}. Lisez la notification {reference} au bureau.")
_NOTICED = gettext_lazy("Un avis concerne votre dossier")
SHORT = {
    Deed.WARNED: _NOTICE,
    Deed.RETURNED: _NOTICE,
    Deed.ANSWERED: gettext_lazy(
        "Registre social unifié : une réponse vous attend pour votre dossier {code}. Lisez la notification {reference} au bureau."
    ),
}
SUBJECT = {Deed.WARNED: _NOTICED, Deed.RETURNED: _NOTICED, Deed.ANSWERED: gettext_lazy("Une réponse vous attend au bureau")}
"""What travels says of each kind of notice no more than this."""


def kind_of(program: str) -> str:
    return "cover" if program in COVER else "aid"


def what(notice: RightNotice) -> str:
    """The decision in one sentence."""
    if notice.deed in announcements.DEEDS:
        return announcements.what(notice)
    content = notice.content
    since, until = date_of(content.get("since")), date_of(content.get("until"))
    if content.get("moved") and notice.deed == Deed.KEPT:
        kept = _("La couverture {program} de {people}, reprise du RAMED, est maintenue à partir du {since}.")
        people = listed(name_of(one) for one in content.get("people", ()))
        return kept.format(program=notice.get_program_display(), people=people, since=day(since))
    return str(WHAT[notice.deed, kind_of(notice.program)]).format(
        program=notice.get_program_display(),
        people=listed(name_of(one) for one in content.get("people", ())),
        since=day(since),
        since_month=day(since, "F Y"),
        day=day(date_of(content["decided_on"])),
        last=day(until - timedelta(days=1)) if until and until != OPEN else "",
    )


def why(notice: RightNotice) -> list[str]:
    """The reason given, and the score against its line with the provision it comes from."""
    if notice.deed in announcements.DEEDS:
        return announcements.why(notice)
    content, said = notice.content, []
    if reason := content.get("reason"):
        said.append(_("Motif : {reason}").format(reason=_(reason)))
    if content.get("line") is not None:
        under = content["score"] <= content["line"]
        sentence = (
            _("L’indice de votre ménage est {score} ; il ne dépasse pas le seuil de {line} ({source}).")
            if under
            else _("L’indice de votre ménage est {score} ; il dépasse le seuil de {line} ({source}).")
        )
        figures = {name: numerals.points(content[name]) for name in ("score", "line")}
        said.append(sentence.format(source=source(content["source"]), **{name: isolated(text) for name, text in figures.items()}))
    if content.get("amount") is not None:
        said.append(_("Montant de {month} : {amount} MAD.").format(month=month_of(content["month"]), amount=money(content["amount"])))
    return said


def next_steps(notice: RightNotice) -> list[str]:
    """What to do, and until when the decision may be contested, or why there is nothing to contest."""
    said = announcements.next_steps(notice) if notice.deed in announcements.DEEDS else [str(NEXT[notice.deed])]
    if look_again_on := date_of(notice.content.get("look_again_on")):
        said.append(_("La situation sera revue le {day}.").format(day=day(look_again_on)))
    if notice.appeal_until:
        sentence = _(
            "Pour contester : déposez un recours au bureau jusqu’au {day} inclus ({n} jours de calendrier, sans compter le jour de cette "
            "notification ; {source})."
        )
        limit = notice.content["limit"]
        said.append(sentence.format(day=day(notice.appeal_until), n=limit["days"], source=source(limit["source"])))
    elif notice.deed in UNCONTESTED:
        said.append(str(UNCONTESTED[notice.deed]))
    else:
        said.append(_("Le texte de ce jour ne fixe aucun délai de recours : pour contester, adressez-vous au bureau."))
    return said


def short_text(notice: RightNotice, language: str) -> str:
    """What may travel by SMS or e-mail: that there is a decision, where to read it, until when to contest it; nothing of what it is.

    In both languages when the family's is not known.
    """
    return "\n".join(_in(one, lambda: _short(notice)) for one in ([language] if language else LANGUAGES))


def short_subject(notice: RightNotice, language: str) -> str:
    return " · ".join(_in(one, lambda: str(SUBJECT.get(notice.deed, DECIDED))) for one in ([language] if language else LANGUAGES))


def _short(notice: RightNotice) -> str:
    sentence = str(SHORT.get(notice.deed, SAID))
    said = sentence.format(code=_kept(notice.household.shown_code), reference=_kept(grouped(notice.reference)))
    if notice.appeal_until:
        return said + " " + _("Recours jusqu’au {day}.").format(day=day(notice.appeal_until))
    return said + " " + _("Sans délai de recours.")


def _in(language: str, say) -> str:
    with override(language):
        return say()


def _kept(code: str) -> str:
    """A code inside an Arabic sentence stays in its order; a French one needs no mark, and each would cost an SMS its short alphabet."""
    return isolated(code) if get_language() == "ar" else code
