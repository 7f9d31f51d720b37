"""Partners' deliveries written by hand for the tests, sent and worked off."""

import io
from datetime import date

from django.utils import timezone

from eligibility.law import Law, founding
from households.models import Import, ImportRow, Member, PeriodStatement, VerifiedPeriod
from households.services import apply_lot, claim_lot, close_imports, receive_import
from rsu.models import Agency

from .files import as_csv

DAY = date(2026, 11, 22)


def law(on=DAY) -> Law:
    return Law(founding(), on)


def received(by, kind: str, *rows: dict, agency: str, as_of: date | None = DAY, on: date = DAY, name: str = "livraison.csv") -> Import:
    sender = Agency.objects.get(code=agency)
    return receive_import(file=io.BytesIO(as_csv(list(rows))), name=name, kind=kind, agency=sender, as_of=as_of, on=on, by=by)


def worked_off(importing: Import, *, on: date = DAY) -> Import:
    while lot := claim_lot(worker="test", at=timezone.now()):
        apply_lot(lot, on=on, at=timezone.now(), law=law(on))
    close_imports(at=timezone.now())
    importing.refresh_from_db()
    return importing


def deliver(by, kind: str, *rows: dict, **more) -> Import:
    return worked_off(received(by, kind, *rows, **more), on=more.get("on", DAY))


def fresh(member: Member) -> Member:
    return Member.objects.get(pk=member.pk)


def counts(importing: Import) -> dict[str, int]:
    names = ("applied", "already", "refused", "contradicted", "unknown")
    return {name: n for name in names if (n := sum(importing.chunks.values_list(name, flat=True)))}


def refusals() -> list[tuple[str, str]]:
    """(column, sentence in French) of every refused row, in order."""
    rows = ImportRow.objects.filter(problems__isnull=False).order_by("importing", "number")
    return [(told["column"], told["fr"]) for row in rows for told in row.problems]


def periods(kind: str, idcs: str | None = None) -> list[tuple]:
    """(value, since, until, implied) in order; `until` None while open."""
    found = VerifiedPeriod.objects.filter(kind=kind, **({"idcs": idcs} if idcs else {})).order_by("idcs", "agency", "since")
    return [(one.value, f"{one.since}", None if one.until.year == 9999 else f"{one.until}", one.implied) for one in found]


def forget_everything() -> None:
    """As if nothing had been delivered, to try another order."""
    VerifiedPeriod.objects.all().delete()
    PeriodStatement.objects.all().delete()


def school(idcs, since="2025-09-08", *, year="2025-2026", level="primary", sector="public", until="", **more) -> dict:
    return {"idcs": idcs, "school_year": year, "schooling": level, "school_sector": sector, "since": since, "until": until} | more


def paid(idcs, since, until="", scheme="CNSS", **more) -> dict:
    return {"idcs": idcs, "scheme": scheme, "since": since, "until": until} | more


def certificate(idcs, since, until="", degree="severe", **more) -> dict:
    return {"idcs": idcs, "disability": degree, "disability_number": "H-12", "since": since, "until": until} | more


def dead(idcs, died_on="2026-11-02") -> dict:
    return {"idcs": idcs, "died_on": died_on}


def born(idcs, mother, born_on="2026-11-03", **more) -> dict:
    names = {"first_name_fr": "Yahya", "last_name_fr": "Alaoui", "first_name_ar": "يحيى", "last_name_ar": "العلوي"}
    return {"idcs": idcs, "mother_idcs": mother, "father_idcs": "", "born_on": born_on, "sex": "male"} | names | more


def act(idcs, since="2026-11-05", status="married", **more) -> dict:
    return {"idcs": idcs, "marital_status": status, "since": since} | more
