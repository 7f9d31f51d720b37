"""The queue of doubtful beneficiaries: somebody says who each one is, or that nobody is meant."""

from datetime import date

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from households import entries
from rsu import audit
from rsu.authentication import engine
from rsu.models import Commune, User
from rsu.permissions import Forbidden, in_area

from ..lifecycle import HOLDING, check_move
from ..models import COVERS, Enrollment, MigratedCover, MigratedMove, RamedMigration, RamedRow
from ..permissions import check_settle
from ..ramed.defects import CORRECTABLE, FOLLOWING, UNIDENTIFIED
from .ramed_covers import count_covers

Settled, Status = RamedRow.Settled, Enrollment.Status


class RowNotSettled(Exception):
    """The row cannot be settled so; the message is a sentence for the screen, `field` the one it stands beside."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


@transaction.atomic
def accept_row(row_id: int, *, idcs: str = "", reason: str, on: date, by: User) -> RamedRow:
    """Cover this person, under the IDCS of the row or the one given; dependants who waited for this principal alone follow.

    Accepted twice is accepted once. Raises RowNotSettled, Forbidden.
    """
    row = _locked(row_id, by=by)
    if row.settled in (Settled.ACCEPTED, Settled.CORRECTED, Settled.FOLLOWED):
        return row
    _check_open(row)
    number = _identified(row, idcs)
    _check_free(number, row.migration)
    head = _principal_of(row)
    _cover([(row, number)], head=head.idcs if head else number, insured=head is None)
    _settle([row], Settled.CORRECTED if number != row.idcs else Settled.ACCEPTED, reason=reason.strip(), by=by)
    followed = _follow(row, number, by=by) if row.principal else 0
    audit.record(
        by=by, verb="ramed.accepted", subject=f"ramed:{row.migration_id}", reason=reason.strip(), row=row.number, kind=row.kind,
        person=audit.veiled(number), corrected=number != row.idcs, followed=followed, on=str(on),
    )  # fmt: skip
    return row


@transaction.atomic
def reject_row(row_id: int, *, reason: str, on: date, by: User) -> RamedRow:
    """Say that this row covers nobody, with the reason that goes back with it. Raises RowNotSettled, Forbidden."""
    row = _locked(row_id, by=by)
    if not reason.strip():
        raise RowNotSettled(_("Donnez le motif : il est renvoyé avec la ligne."), "reason")
    if row.settled == Settled.REJECTED:
        return row
    _check_open(row)
    _settle([row], Settled.REJECTED, reason=reason.strip(), by=by)
    audit.record(
        by=by, verb="ramed.rejected", subject=f"ramed:{row.migration_id}", reason=reason.strip(), row=row.number, kind=row.kind, on=str(on)
    )  # fmt: skip
    return row


def _locked(row_id: int, *, by: User) -> RamedRow:
    check_settle(by)
    rows = RamedRow.objects.filter(in_area(by), pk=row_id, outcome=RamedRow.Outcome.QUEUED)
    row = rows.select_for_update(of=("self",)).select_related("migration").first()
    if row is None:
        raise Forbidden(_("Cette ligne n’est pas dans votre territoire."))
    return row


def _check_open(row: RamedRow) -> None:
    if row.settled:
        raise RowNotSettled(_("Cette ligne a déjà été réglée : « %(how)s ».") % {"how": row.get_settled_display()})
    if row.migration.status != RamedMigration.Status.CLOSED:
        raise RowNotSettled(_("La bascule n’est pas terminée : attendez que toutes ses lignes soient comptées."))


def _identified(row: RamedRow, given: str) -> str:
    if not given.strip():
        if row.kind in UNIDENTIFIED:
            raise RowNotSettled(_("Donnez l’IDCS de cette personne : sans lui, personne n’est couvert."), "idcs")
        return row.idcs
    if row.kind not in CORRECTABLE:
        raise RowNotSettled(_("L’IDCS de cette ligne n’est pas en doute."), "idcs")
    try:
        return entries.idcs(given)
    except entries.Unreadable as unreadable:
        raise RowNotSettled(str(unreadable), "idcs") from unreadable


def _check_free(idcs: str, migration: RamedMigration) -> None:
    if MigratedCover.objects.filter(idcs=idcs).exists():
        raise RowNotSettled(_("Cette personne a déjà été basculée du RAMED."), "idcs")
    period = Q(since__lt=migration.covered_until, until__gt=migration.covered_from)
    if Enrollment.objects.filter(period, idcs=idcs, program__in=COVERS, status__in=(*HOLDING, Status.ENDED)).exists():
        raise RowNotSettled(_("Cette personne est déjà inscrite à l’AMO, ou l’était encore dans la période."), "idcs")


def _principal_of(row: RamedRow) -> MigratedCover | None:
    """The cover of the principal that a dependant's row names, in whatever file it came."""
    if row.principal:
        return None
    covers = MigratedCover.objects.filter(card=row.holder, quality=Enrollment.Quality.INSURED)
    return covers.order_by("-migration_id").first() if row.holder else None


def _cover(pairs: list[tuple[RamedRow, str]], *, head: str, insured: bool) -> None:
    """Covers with their first move and their counts, as the loading of a lot writes them."""
    actor = engine()
    check_move("", Status.MIGRATED, actor.role)
    milieus = dict(Commune.objects.filter(pk__in=[row.commune_id for row, _n in pairs if row.commune_id]).values_list("pk", "milieu"))
    covers = MigratedCover.objects.bulk_create(
        [
            MigratedCover(
                migration_id=row.migration_id, number=row.number, idcs=number, principal_idcs=head, card=row.card,
                quality=Enrollment.Quality.INSURED if insured else Enrollment.Quality.DEPENDANT, sex=row.sex, born_on=row.born_on,
                birth_precision="year" if len(row.cells.get("born_on", "").strip()) == 4 else "day", commune_id=row.commune_id,
                milieu=milieus.get(row.commune_id, ""), since=row.migration.covered_from, until=row.migration.covered_until,
                synthetic=bool(row.cells.get("synthetic")),
                **{name: row.cells.get(name, "")[:60] for name in ("last_name_fr", "first_name_fr", "last_name_ar", "first_name_ar")},
            )
            for row, number in pairs
        ]
    )  # fmt: skip
    MigratedMove.objects.bulk_create([MigratedMove(cover=one, before="", after=Status.MIGRATED, by=actor) for one in covers])
    count_covers(covers, sign=1)


def _settle(rows: list[RamedRow], how: str, *, reason: str, by: User) -> None:
    RamedRow.objects.filter(pk__in=[row.pk for row in rows]).update(settled=how, settled_by=by, settled_at=Now(), reason=reason)
    for row in rows:
        row.settled, row.settled_by, row.reason = how, by, reason


def _follow(head: RamedRow, idcs: str, *, by: User) -> int:
    """Dependants of whom nothing else was doubted, and who are still free."""
    waiting = RamedRow.objects.filter(
        migration_id=head.migration_id, holder=head.card, kind__in=FOLLOWING, outcome=RamedRow.Outcome.QUEUED, settled=""
    )
    rows = list(waiting.select_related("migration").order_by("number").select_for_update(of=("self",)))
    free = [row for row in rows if _is_free(row)]
    if free:
        _cover([(row, row.idcs) for row in free], head=idcs, insured=False)
        _settle(free, Settled.FOLLOWED, reason="", by=by)
    return len(free)


def _is_free(row: RamedRow) -> bool:
    try:
        _check_free(row.idcs, row.migration)
    except RowNotSettled:
        return False
    return True
