"""`manage.py verify`: everything computed again from scratch, household by household and period by period; exits 1 on a difference."""

import json
import re
from argparse import ArgumentParser
from collections import Counter

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from eligibility import queries, replays, verification
from eligibility.management.commands.replay import statement
from eligibility.scope import Scope
from households.models import Household
from rsu import numerals


class Command(BaseCommand):
    help = "Recalcule tout depuis les réponses et la loi, le compare à ce qui est gardé et nomme chaque écart."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--households", metavar="PREMIER-DERNIER", help="numéros internes des ménages ; tous sans cela")
        parser.add_argument("--sample", type=int, metavar="N", help="N ménages au hasard")
        parser.add_argument("--household", metavar="CODE", help="un ménage : chacune de ses périodes refaite, puis vérifiée")
        parser.add_argument("--json", action="store_true", help="pour une machine")

    def handle(self, *args, households, sample, household, verbosity, **options):
        if [households, sample, household].count(None) < 2:
            raise CommandError("Choisissez entre --households, --sample et --household.")
        self.progress = None if options["json"] or not verbosity else self.stderr
        with translation.override("fr"):
            family = _family(household) if household else None
            if family and not options["json"]:
                self.chain(family)
            total = self.verify(_scopes(households, sample, family), whole=households is None and sample is None and family is None)
            self.stdout.write(_as_json(total) if options["json"] else "\n".join(_as_text(total)))
            if total.found:
                raise CommandError(f"{numerals.grouped(total.found)} écart{'s' if total.found > 1 else ''}.")

    def chain(self, family: Household) -> None:
        """Each period of the household, standing or replaced, from its own reading, formula and line."""
        for replayed in replays.replay_all(replays.periods_of(family.pk)):
            self.stdout.write("\n".join(statement(replayed)) + "\n")

    def verify(self, scopes: list[Scope], *, whole: bool) -> verification.Step:
        total = verification.Step(compared=Counter())
        for number, step in enumerate(verification.verify(scopes, law=queries.law(timezone.localdate()), whole=whole), start=1):
            total.compared.update(step.compared)
            total.found += step.found
            total.differences += step.differences[: verification.SHOWN - len(total.differences)]
            if self.progress and number <= len(scopes):
                compared, found = (numerals.grouped(n) for n in (total.compared["households"], total.found))
                self.progress.write(f"Part {number} sur {len(scopes)} : {compared} ménages comparés, {found} écarts.")
        return total


def _family(code: str) -> Household:
    family = Household.objects.filter(code="".join(filter(str.isdecimal, code))).first()
    if family is None:
        raise CommandError(f"Aucun ménage n’a le code {code}.")
    return family


def _scopes(households: str | None, sample: int | None, family: Household | None) -> list[Scope]:
    if family:
        return [Scope([family.pk])]
    if sample is not None:
        return verification.drawn(sample)
    if households is None:
        return list(verification.ranges())
    bounds = re.fullmatch(r"(\d+)-(\d+)", households)
    if bounds is None:
        raise CommandError("--households attend deux numéros, par exemple 1-100000.")
    return list(verification.ranges(int(bounds[1]), int(bounds[2])))


LABELS = {
    "households": "ménages",
    "readings": "lectures des réponses",
    "scores": "indices",
    "periods": "périodes de droit",
    "runs": "exécutions finies",
    "tallies": "décomptes",
}


def _as_text(total: verification.Step) -> list[str]:
    lines = ["Comparé :"]
    lines += [f"  {numerals.grouped(total.compared[name]):>14}  {label}" for name, label in LABELS.items() if name in total.compared]
    if verification.runs_under_way():
        lines.append("Des exécutions sont en cours : ce qu’elles n’ont pas encore traité peut différer.")
    if not total.found:
        return [*lines, "Aucun écart."]
    lines += [f"{found.household} {found.sentence}".strip() for found in total.differences]
    if total.found > len(total.differences):
        lines.append(f"… et {numerals.grouped(total.found - len(total.differences))} autres.")
    return lines


def _as_json(total: verification.Step) -> str:
    listed = [{"kind": found.kind, "household": found.household, "sentence": found.sentence} for found in total.differences]
    told = {"compared": total.compared, "found": total.found, "runs_under_way": verification.runs_under_way(), "differences": listed}
    return json.dumps(told, ensure_ascii=False, indent=2)
