"""`manage.py replay`: rights made again from what was stored with them, as a statement a jurist reads, or as JSON."""

import json
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from eligibility import replays
from eligibility.law import in_script
from eligibility.models import OPEN, Determination, PastDetermination
from eligibility.score import format_points
from households.models import Household
from rsu import numerals
from rsu.models import Milieu, Region
from rsu.statement import term_label
from rsu.wording import colon, day

WIDTH = 16
"""Of the column of points: nine figures, a comma, a sign and the space that groups thousands."""


class Command(BaseCommand):
    help = "Refait un droit depuis ce qui a été gardé avec lui et le compare, au chiffre près ; sort en erreur au premier écart."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("determination", nargs="?", type=int, help="numéro du droit")
        parser.add_argument("--past", type=int, metavar="N", help="numéro d’un droit remplacé")
        parser.add_argument("--household", metavar="CODE", help="tous les droits d’un ménage, remplacés compris")
        parser.add_argument("--language", choices=["fr", "ar"], default="fr", help="langue du relevé (fr)")
        parser.add_argument("--json", action="store_true", help="pour une machine")

    def handle(self, *args, determination, past, household, language, **options):
        with translation.override(language):
            made = replays.replay_all(_wanted(determination, past, household))
            if options["json"]:
                self.stdout.write(json.dumps([as_json(replayed) for replayed in made], ensure_ascii=False, indent=2))
            else:
                self.stdout.write("\n\n".join("\n".join(statement(replayed)) for replayed in made))
            wrong = [replayed for replayed in made if replayed.mismatch]
            if wrong:
                raise CommandError("\n".join(f"{_title(replayed)}{colon()} {replayed.mismatch.sentence}" for replayed in wrong))


def _wanted(determination: int | None, past: int | None, household: str | None) -> list:
    if [determination, past, household].count(None) != 2:
        raise CommandError(_("Donnez le numéro d’un droit, ou --past, ou --household : un seul des trois."))
    if household is not None:
        code = "".join(filter(str.isdecimal, household))
        family = Household.objects.filter(code=code).first()
        if family is None:
            raise CommandError(_("Aucun ménage n’a le code %(code)s.") % {"code": household})
        rows = replays.periods_of(family.pk)
        if not rows:
            raise CommandError(_("Le ménage %(code)s n’a encore aucun droit lu.") % {"code": household})
        return rows
    model, number = (Determination, determination) if past is None else (PastDetermination, past)
    row = model.objects.filter(pk=number).first()
    if row is None:
        raise CommandError(_("Le droit n° %(number)s n’existe pas.") % {"number": number})
    return [row]


def statement(replayed: replays.Replay) -> list[str]:
    """The right, what it rests on, the whole sum, the reasons, and whether everything was found again."""
    return [*_heading(replayed), *_sum(replayed), *_reasons(replayed)]


def _title(replayed: replays.Replay) -> str:
    sentence = _("Droit remplacé n° %(number)s") if replayed.is_past else _("Droit n° %(number)s")
    return sentence % {"number": replayed.determination.pk}


def _heading(replayed: replays.Replay) -> list[str]:
    row = replayed.determination
    code = f"{replayed.code[:10]}-{replayed.code[10:]}" if replayed.code else _("inconnu")
    if row.until == OPEN:
        period = _("depuis le %(since)s") % {"since": day(row.since)}
    else:
        period = _("du %(since)s jusqu’au %(until)s exclu") % {"since": day(row.since), "until": day(row.until)}
    answer = _("droit ouvert") if row.entitled else _("droit non ouvert")
    lines = [
        f"{_title(replayed)} · {capfirst(replayed.program.label)} · " + _("ménage %(code)s") % {"code": code},
        f"{capfirst(period)}{colon()} {answer}. " + _("Motif : %(reason)s.") % {"reason": row.get_reason_display()},
    ]
    if replayed.reading:
        lines.append(_read(replayed))
    for label, provision in ((_("Formule"), replayed.formula), (_("Seuil"), replayed.threshold)):
        if provision:
            told = {
                "source": in_script(provision.source, arabic=get_language() == "ar"),
                "day": day(provision.since),
                "number": provision.pk,
            }
            lines.append(f"{label}{colon()} " + _("%(source)s, en vigueur depuis le %(day)s (disposition n° %(number)s)") % told)
    return lines


def _read(replayed: replays.Replay) -> str:
    reading = replayed.reading
    sentence = _("Lecture n° %(number)s des réponses, faite au %(day)s : milieu %(milieu)s, région %(region)s, %(size)s membres.")
    return sentence % {
        "number": reading.pk,
        "day": day(reading.on),
        "milieu": Milieu(reading.milieu).label,
        "region": _region(replayed),
        "size": numerals.count(reading.size),
    }


def _region(replayed: replays.Replay) -> str:
    number = replayed.reading.region
    return str(Region.objects.filter(pk=number).first() or number)


def _sum(replayed: replays.Replay) -> list[str]:
    """Points first, so that the column holds in both directions of writing."""
    row = replayed.determination
    if replayed.score is None:
        return ["", _figure(row.score, _("indice gardé"))]
    size = replayed.facts["size"]
    region = _region(replayed)
    lines = ["", *(_figure(term.points, _line(term, size, region), signed=number > 0) for number, term in enumerate(replayed.terms))]
    lines += ["─" * WIDTH, _figure(replayed.score, _("indice refait")), _figure(row.score, _("indice gardé"))]
    if replayed.line is not None:
        lines.append(_figure(replayed.line, _("seuil")))
    return lines


def _figure(points: int, label: str, *, signed: bool = False) -> str:
    return f"{numerals.points(points, signed=signed):>{WIDTH}}  {label}"


def _line(term, size: int, region: str) -> str:
    """The formula's own code, the law's words, and the product that makes the points."""
    if term.kind == "constant":
        return term_label(term)
    if term.kind == "region":
        return f"{term_label(term)}{colon()} {region}"
    value = numerals.dirhams(term.value) if term.kind == "money" else numerals.grouped(term.value)
    taken = {"square": f"{value}²", "share": f"{value} / {size}", "money": f"{value} / {size}"}.get(term.kind, value)
    return f"{term.code} {term_label(term)}{colon()} {taken} × {numerals.coefficient(term.coefficient)}"


def _reasons(replayed: replays.Replay) -> list[str]:
    said = [finding.sentence for finding in replayed.findings] + replays.remarks(replayed.determination)
    if replayed.mismatch:
        verdict = _("Écart : %(sentence)s") % {"sentence": replayed.mismatch.sentence}
    else:
        verdict = _("L’indice et la réponse gardés sont retrouvés, au chiffre près.")
    return ["", *said, verdict]


def as_json(replayed: replays.Replay) -> dict:
    """Figures as decimal text, all seven decimals; days in ISO."""
    row = replayed.determination
    return {
        "determination": row.pk,
        "past": replayed.is_past,
        "household": replayed.code,
        "program": row.program,
        "since": row.since.isoformat(),
        "until": None if row.until == OPEN else row.until.isoformat(),
        "grace_until": row.grace_until and row.grace_until.isoformat(),
        "stored": {"score": format_points(row.score), "entitled": row.entitled},
        "replayed": {
            "score": None if replayed.score is None else format_points(replayed.score),
            "entitled": None if replayed.score is None or replayed.line is None else replayed.score <= replayed.line,
        },
        "threshold": _cited(replayed.threshold, row.threshold_id)
        | {"value": None if replayed.line is None else format_points(replayed.line)},
        "formula": _cited(replayed.formula, row.formula_id),
        "reading": {"id": row.facts_id, "on": replayed.reading.on.isoformat() if replayed.reading else None},
        "facts": replayed.facts,
        "terms": [
            {"code": term.code, "fact": term.fact, "value": term.value, "coefficient": term.coefficient,
             "points": format_points(term.points), "label": term_label(term)}
            for term in replayed.terms
        ],
        "findings": [finding.sentence for finding in replayed.findings],
        "remarks": replays.remarks(row),
        "mismatch": replayed.mismatch and {"kind": replayed.mismatch.kind, "sentence": replayed.mismatch.sentence},
    }  # fmt: skip


def _cited(provision, number: int) -> dict:
    if provision is None:
        return {"id": number, "since": None, "source": None}
    return {"id": number, "since": provision.since.isoformat(), "source": provision.source}
