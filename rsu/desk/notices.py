"""What a notice of decision says: the answer of each program, the sum it comes from, who is covered, what to do and until when."""

from datetime import date

from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

import eligibility.queries
import enrollment.queries
import households.queries
from eligibility.forewarnings import CoverCost, cost_of_cover
from eligibility.law import Law
from eligibility.limits import last_day
from eligibility.programs import ProgramStanding, Standing
from eligibility.services import NothingToTell, Telling
from enrollment.lifecycle import COVERING
from households.models import Household
from rsu import numerals, statement, wording
from rsu.templatetags.rsu import head, in_language, is_doubtful, lever_sentence, person_name, sources

from .bilingual import Fixed, both, isolated, named

FILING, ANSWER = "appeal.filing_days", "appeal.answer_days"


def telling(household: Household, *, on: date, law: Law) -> Telling:
    """What is told on the day, in both languages; raises NothingToTell while the household has no score."""
    spoken = {language: _standing(household, language, on=on) for language in ("fr", "ar")}
    standing = spoken["fr"]
    if standing.score is None or not standing.programs:
        raise NothingToTell(_("L’indice de ce ménage n’est pas calculé : il n’y a pas encore de décision à notifier."))
    people = households.queries.members_of(household, on=on)
    rights = list(enrollment.queries.household_enrollments(household))
    uncovered = enrollment.queries.members_without_cover(household, on=on, law=law)
    allowance = enrollment.queries.allowance_of_month(household, on=on)

    def say() -> dict:
        now = spoken[get_language()]
        return {
            "rows": [*_who(household, people), (_("Indice"), isolated(numerals.points(now.score)))],
            "programs": [_program(one) for one in now.programs],
            "warnings": _warnings(now, law),
            "sum": _sum(now, household),
            "cover": _cover(rights, uncovered, on=on),
            "aid": _aid(allowance),
            "next": _to_enroll(now, rights),
        }

    told = both(say) | {"kind": "decision", "synthetic": household.synthetic, "decision": _decision(standing, law)}
    ids = [one.determination_id for one in standing.programs if one.determination_id]
    return Telling(told=told, words=both(words), dated=_dated_by(household, law), determinations=ids)


def _standing(household: Household, language: str, *, on: date) -> Standing:
    """Its findings are sentences, said in the language it is asked in."""
    with override(language):
        return eligibility.queries.standing(household, on=on)


def words() -> dict:
    """The labels of the paper."""
    return paper_words() | {
        "title": _("Notification de décision"),
        "decision": _("Décision par programme"),
        "sum": _("D’où vient cet indice"),
        "answer": _("Réponse"),
        "points": _("Points"),
        "total": _("Total"),
        "line": _("Ligne"),
        "dirhams": _("MAD"),
        "cover": _("Couverture maladie"),
    }


def paper_words() -> dict:
    """The labels every paper has."""
    return {
        "registry": _("Registre social unifié"),
        "synthetic": _("famille fictive"),
        "next": _("Ce qu’il faut faire"),
        "verify": _(
            "Vérifier ce papier : scannez le code ou tapez la référence à l’adresse ci-dessous. La page dit s’il vient du registre "
            "et s’il est le dernier ; elle ne montre aucun nom."
        ),
        "reference": _("Référence"),
        "digest": _("Empreinte"),
    }


def whereabouts(household_or_request) -> str:
    """Commune, province and region: where the office is that receives the family."""
    commune = household_or_request.commune
    return wording.listed([commune, commune.province, commune.region])


def _decision(standing: Standing, law: Law) -> dict:
    """The decision itself, for machines: while it is equal, time limits already running go on."""
    programs = {
        one.program.value: {
            "entitled": one.entitled,
            "line": law.cite(one.program.threshold_key).value,
            "kept_since": one.kept_since and one.kept_since.isoformat(),
            "runs_until": one.runs_until and one.runs_until.isoformat(),
        }
        for one in standing.programs
    }
    return {"score": standing.score, "formula": standing.formula.id, "programs": programs}


def _who(household: Household, people: list) -> list[tuple[str, str]]:
    first = head(people)
    size = ngettext("%(n)s personne", "%(n)s personnes", len(people)) % {"n": len(people)}
    return [
        (_("Ménage"), named(person_name(first)) if first else ""),
        (_("Code du ménage"), isolated(household.shown_code)),
        (_("Composition"), wording.listed([size, household.get_milieu_display()])),
        (_("Bureau"), whereabouts(household)),
    ]


def _program(one: ProgramStanding) -> dict:
    state, answer = _answer(one)
    sentences = [finding.sentence for finding in one.findings[1:]]
    citation = one.citation
    if citation.gazette:
        sentences.append(_("Publié : {gazette}.").format(gazette=in_language(citation.gazette)))
    if is_doubtful(citation):
        sentences.append(_("(source non confirmée)"))
    if one.since:
        sentences.append(_("Réponse inchangée depuis le {day}.").format(day=wording.day(one.since)))
    return {
        "name": capfirst(one.label),
        "state": Fixed(state),
        "answer": answer,
        "sentences": sentences,
        "levers-title": _levers_title(one),
        "levers": [_lever(lever) for lever in one.levers],
    }


def _answer(one: ProgramStanding) -> tuple[str, str]:
    if one.kept_since:
        return "wait", _("Maintenu")
    if one.runs_until:
        return "warn", _("Perdu, court encore")
    return ("yes", _("Ouvert")) if one.entitled else ("no", _("Non ouvert"))


def _levers_title(one: ProgramStanding) -> str:
    if not one.levers:
        if one.under_line:
            return _("Aucune réponse changée seule ne ferait perdre ce droit.")
        return _("Aucune réponse changée seule ne ferait franchir la ligne.")
    title = _("Ce qui ferait perdre ce droit") if one.under_line else _("Ce qui ferait franchir la ligne")
    return title + wording.colon()


def _lever(lever) -> str:
    sentence = _("{change} ; l’indice serait de {score}")
    return sentence.format(change=lever_sentence(lever), score=isolated(numerals.points(lever.score)))


def _warnings(standing: Standing, law: Law) -> list[str]:
    said = []
    if standing.missing:
        said.append(_("La dernière déclaration ne suffit pas : cette décision repose sur la précédente. Complétez-la au bureau."))
    cost = cost_of_cover(standing, law)
    if cost is not None:
        said += _cover_sentences(cost)
    return said


def _cover_sentences(cost: CoverCost) -> list[str]:
    """The first names AMO ACHAMIL where the family is one that it is for; the second holds for every other cover."""
    lost = wording.listed(one.label for one in cost.lost)
    figures = {"before": numerals.points(cost.before), "after": numerals.points(cost.after), "programs": lost}
    said = []
    if cost.achamil:
        if cost.monthly is not None:
            price = _("L’AMO ACHAMIL coûterait {amount} MAD par mois à cet indice ({source}).")
            said.append(price.format(amount=numerals.dirhams(cost.monthly, trim=True), source=in_language(cost.citation.source)))
        said.append(
            _("Avant d’y adhérer : elle compte dans la formule, et l’indice passerait de {before} à {after}. Droit perdu : {programs}.")
        )
    else:
        said.append(
            _(
                "Avant de prendre une autre couverture maladie : elle compte dans la formule, et l’indice passerait de {before} à {after}. "
                "Droit perdu : {programs}."
            )
        )
    said.append(_("Un premier emploi déclaré dans le ménage aurait le même effet."))
    return [" ".join(said).format(**figures)]


def _sum(standing: Standing, household: Household) -> dict:
    lines = statement.sum_of_terms(standing.terms, standing.facts["size"], household.commune.region.name)
    silent = wording.listed(line.label for line in lines.silent)
    return {
        "formula": _("Formule : {source}.").format(source=in_language(standing.formula.source)),
        "lines": [_line(line, signed=bool(position)) for position, line in enumerate([*lines.base, *lines.shown])],
        "total": numerals.points(lines.total),
        "silent": _("Réponses sans effet : {answers}.").format(answers=silent) if lines.silent else "",
    }


def _line(line, *, signed: bool) -> dict:
    """`units`: the same points as a whole number, for whoever adds them."""
    label = f"{line.label}{wording.colon()} {named(line.answer)}" if line.answer else line.label
    return {
        "label": label,
        "detail": named(line.detail),
        "points": numerals.points(line.points, signed=signed),
        "units": Fixed(line.points),
    }


def _cover(rights: list, uncovered: list, *, on: date) -> list[str]:
    running = [row for row in rights if row.member and row.unit_id and row.status in COVERING and row.since <= on < row.until]
    units: dict[int, list] = {}
    for row in running:
        units.setdefault(row.unit_id, []).append(row)
    said = [_unit(rows) for rows in units.values()]
    if uncovered:
        said.append(" ".join([_("Sans couverture maladie :"), f"{_names(uncovered)}."]))
    return said


def _unit(rows: list) -> str:
    insured = _names(row.member for row in rows if row.quality == "insured")
    dependants = [row.member for row in rows if row.quality == "dependant"]
    if not dependants:
        return _("{insured} : assuré de l’AMO-TADAMON, sans ayant droit.").format(insured=insured)
    return _("{insured} : assuré de l’AMO-TADAMON ; ayants droit : {names}.").format(insured=insured, names=_names(dependants))


def _names(members) -> str:
    return wording.listed(named(person_name(member)) for member in members)


def _aid(allowance) -> dict:
    if allowance is None:
        return {"title": "", "lines": [], "total": "", "sources": ""}
    lines = list(allowance.lines.all())
    return {
        "title": _("Aide %(of_month)s") % {"of_month": wording.of_month(allowance.month)},
        "lines": [{"label": _aid_label(line), "amount": numerals.dirhams(line.amount)} for line in lines],
        "total": numerals.dirhams(allowance.amount),
        "sources": wording.listed((in_language(cited.source) for cited in sources(lines)), apart=True),
    }


def _aid_label(line) -> str:
    """The month may be read after its child has left the household: the line is kept, the name is not."""
    who = named(person_name(line.member)) if line.member else _("Le ménage")
    rank = _("rang %(n)s") % {"n": line.rank} if line.rank else ""
    return wording.listed([f"{who}{wording.colon()} {line.get_kind_display()}", *([rank] if rank else [])])


def _to_enroll(standing: Standing, rights: list) -> list[str]:
    said = []
    for one in standing.programs:
        running = any(row.program == one.program and row.status in COVERING for row in rights)
        if one.entitled and not running:
            said.append(
                _("{program} : présentez-vous au bureau avec ce papier, l’inscription s’y décide.").format(program=capfirst(one.label))
            )
    said.append(
        _("Déclarez au bureau tout changement du ménage : naissance, décès, mariage, départ, logement, emploi, couverture maladie.")
    )
    return said


def _dated_by(household: Household, law: Law):
    def dated(*, counts_from: date, on: date) -> dict:
        return both(lambda: {"rows": [(_("Date"), wording.day(on))], "next": _appeal(household, law, counts_from=counts_from, on=on)})

    return dated


def _appeal(household: Household, law: Law, *, counts_from: date, on: date) -> list[str]:
    """Until when the decision may be contested; nothing is said where the law of the day gives no such limit."""
    if not law.has(FILING):
        return []
    cited, until = law.cite(FILING), last_day(law, FILING, start=counts_from)
    said = []
    if counts_from != on:
        said.append(_("Cette décision a déjà été notifiée le {day} : le délai court depuis ce jour.").format(day=wording.day(counts_from)))
    told = {"day": wording.day(until), "n": cited.value, "source": in_language(cited.source), "office": whereabouts(household)}
    sentence = (
        _("Le délai de recours, {n} jours de calendrier ({source}), a pris fin le {day}.")
        if until < on
        else _(
            "Pour contester : déposez un recours au bureau de {office} jusqu’au {day} inclus ({n} jours de calendrier, sans compter "
            "le jour de la notification ; {source})."
        )
    )
    said.append(sentence.format(**told))
    if law.has(ANSWER) and until >= on:
        said.append(_("Le recours reçoit une réponse dans les {n} jours.").format(n=law.value(ANSWER)))
    return said
