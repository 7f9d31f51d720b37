"""Children in institutions: a sum a month on an account in their own name, made up to the guaranteed total when they leave or come of age."""

import re
from datetime import date

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from stdnum import verhoeff

from eligibility.facts import years_before
from eligibility.queries import law as law_of
from households.models import Member
from rsu import audit
from rsu.models import Commune, User
from rsu.permissions import Forbidden, check_role, communes_of, in_area

from ..models import Placement
from ..paying import rib as ribs

INSTITUTIONS = "direct_aid.institutions"


class PlacementRefused(Exception):
    """The placement cannot be recorded or ended; `field` is the answer at fault, the message a sentence for the screen."""

    def __init__(self, message: str, field: str = ""):
        super().__init__(message)
        self.field = field


@transaction.atomic
def record_placement(
    *, idcs: str, name: str, born_on: date, institution: str, commune: Commune, account: str, since: date, on: date, by: User
) -> Placement:
    """A child taken in from `since`. Still a member of a household, the child must first leave it by a departure: who is placed
    belongs to no household (the departure ends its share of the household's aid). Raises PlacementRefused, Forbidden.
    """
    check_role(by, "supervisor")
    if not communes_of(by).filter(pk=commune.pk).exists():
        raise Forbidden(_("Cette commune n’est pas dans votre territoire."))
    _check_person(idcs, born_on, since=since, on=on)
    account = ribs.plain(account)
    if fault := ribs.fault_of(account):
        raise PlacementRefused(_fault(fault), "account")
    given = {
        "idcs": idcs,
        "name": name.strip(),
        "born_on": born_on,
        "institution": institution.strip(),
        "commune": commune,
        "account": account,
    }
    same = Placement.objects.filter(since=since, **given).first()
    if same:
        return same
    try:
        with transaction.atomic():
            placement = Placement.objects.create(since=since, recorded_by=by, **given)
    except IntegrityError as error:
        raise PlacementRefused(_("Cet enfant est déjà accueilli sur cette période."), "since") from error
    audit.record(by=by, verb="record_placement", subject=f"placement:{placement.pk}", since=str(since), on=str(on))
    return placement


def _check_person(idcs: str, born_on: date, *, since: date, on: date) -> None:
    if not re.fullmatch(r"[2-9][0-9]{9}", idcs) or not verhoeff.is_valid(idcs):
        raise PlacementRefused(_("L’IDCS compte dix chiffres et sa clé doit être juste."), "idcs")
    if since > on:
        raise PlacementRefused(_("Le placement ne peut pas commencer dans l’avenir."), "since")
    law = law_of(on)
    if not law.has(INSTITUTIONS):
        raise PlacementRefused(_("L’aide aux enfants accueillis en établissement n’est pas en vigueur."))
    if born_on > since or born_on <= years_before(since, law.value(INSTITUTIONS)["majority_age"]):
        raise PlacementRefused(_("Seul un enfant mineur le jour du placement peut être enregistré."), "born_on")
    if member := Member.objects.filter(idcs=idcs).select_related("household").first():
        sentence = _("Cet enfant est encore membre du ménage %(code)s : enregistrez d’abord son départ.")
        raise PlacementRefused(sentence % {"code": member.household.shown_code}, "idcs")


@transaction.atomic
def correct_account(placement_id: int, *, account: str, reason: str, on: date, by: User) -> Placement:
    """Pay the child on another account from now on, by who may record a placement; what was sent stays as it was sent. The same account
    again changes nothing. Raises PlacementRefused, Forbidden.
    """
    check_role(by, "supervisor")
    placement = Placement.objects.select_for_update(of=("self",)).filter(in_area(by), pk=placement_id).first()
    if placement is None:
        raise Forbidden(_("Ce placement n’est pas dans votre territoire."))
    number, before = ribs.plain(account), placement.account
    if fault := ribs.fault_of(number):
        raise PlacementRefused(_fault(fault), "account")
    if not reason.strip():
        raise PlacementRefused(_("Dites d’où vient ce numéro : le motif est gardé."), "reason")
    if number == before:
        return placement
    placement.account = number
    placement.save(update_fields=["account"])
    # The numbers themselves stay out of the journal: their digests tell whether a given one was meant.
    audit.record(
        by=by, verb="correct_placement_account", subject=f"placement:{placement.pk}", reason=reason.strip(),
        account=audit.veiled(number), ending=number[-4:], replaces=audit.veiled(before), on=str(on),
    )  # fmt: skip
    return placement


def _fault(fault: str) -> str:
    if fault == "key":
        return _("La clé du RIB n’est pas juste : recopiez le numéro d’après le relevé du compte de l’enfant.")
    return _("Le RIB compte 24 chiffres.")


@transaction.atomic
def end_placement(placement_id: int, *, until: date, reason: str, on: date, by: User) -> Placement:
    """The child leaves for good on `until`: the last line completes what the account received. Raises PlacementRefused, Forbidden."""
    check_role(by, "supervisor")
    placement = Placement.objects.select_for_update(of=("self",)).get(pk=placement_id)
    if not communes_of(by).filter(pk=placement.commune_id).exists():
        raise Forbidden(_("Cette commune n’est pas dans votre territoire."))
    if placement.until == until:
        return placement
    if placement.until.year != 9999:
        raise PlacementRefused(_("Ce placement est déjà terminé."))
    if not reason.strip():
        raise PlacementRefused(_("Dites pourquoi l’enfant quitte l’établissement."), "reason")
    if not placement.since < until <= on:
        raise PlacementRefused(_("Le départ suit le placement et n’est pas dans l’avenir."), "until")
    placement.until = until
    placement.save(update_fields=["until"])
    audit.record(by=by, verb="end_placement", subject=f"placement:{placement.pk}", reason=reason.strip(), until=str(until), on=str(on))
    write_placements(on=on, by=by)
    return placement


# Months from the first in force to the one of `on`: present and a minor on the first day. One completes when the child has left for
# good or is of age: the months of every placement of the same person count together.
_WRITE = """
WITH months AS (
  SELECT generate_series(%(first)s::date, %(month)s::date, interval '1 month')::date AS month
),
monthly AS (
  INSERT INTO enrollment_placementmonth (placement_id, month, kind, amount, provision_id, computed_at)
  SELECT p.id, m.month, 'monthly', %(monthly)s, %(provision)s, statement_timestamp()
  FROM enrollment_placement p JOIN months m ON p.since <= m.month AND p.until > m.month
    AND m.month < p.born_on + make_interval(years => %(age)s)
  ORDER BY p.id, m.month
  ON CONFLICT ON CONSTRAINT placement_month_once DO NOTHING
  RETURNING placement_id, amount
),
received AS (
  SELECT p.idcs, sum(r.amount) AS amount, bool_or(r.kind = 'completion') AS completed FROM enrollment_placement p JOIN (
    SELECT placement_id, amount, kind FROM enrollment_placementmonth UNION ALL SELECT placement_id, amount, 'monthly' FROM monthly
  ) r ON r.placement_id = p.id GROUP BY p.idcs
),
leaving AS (
  SELECT DISTINCT ON (p.idcs) p.id, p.idcs,
    date_trunc('month', least(p.until, (p.born_on + make_interval(years => %(age)s))::date))::date AS month
  FROM enrollment_placement p
  WHERE least(p.until, (p.born_on + make_interval(years => %(age)s))::date) <= %(on)s
    AND least(p.until, (p.born_on + make_interval(years => %(age)s))::date) >= %(first)s
    AND NOT EXISTS (SELECT FROM enrollment_placement q WHERE q.idcs = p.idcs AND q.since >= p.until)
  ORDER BY p.idcs, p.since DESC
),
completed AS (
  INSERT INTO enrollment_placementmonth (placement_id, month, kind, amount, provision_id, computed_at)
  SELECT l.id, l.month, 'completion', %(least)s - coalesce(r.amount, 0), %(provision)s, statement_timestamp()
  FROM leaving l LEFT JOIN received r ON r.idcs = l.idcs
  WHERE NOT coalesce(r.completed, false) AND coalesce(r.amount, 0) < %(least)s
  ON CONFLICT ON CONSTRAINT placement_month_once DO NOTHING
  RETURNING id
)
SELECT (SELECT count(*) FROM monthly) + (SELECT count(*) FROM completed)
"""


@transaction.atomic
def write_placements(*, on: date, by: User) -> int:
    """Every month owed to a placed child until that of `on`, and the line that completes what is guaranteed; how many were new."""
    law = law_of(on)
    if not law.has(INSTITUTIONS):
        return 0
    value, provision = law.value(INSTITUTIONS), law.cite(INSTITUTIONS)
    first = provision.since if provision.since.day == 1 else provision.since.replace(day=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7205, 30)")
        cursor.execute(
            _WRITE,
            {
                "first": first, "month": on.replace(day=1), "on": on, "monthly": value["monthly"], "least": value["at_least_at_majority"],
                "age": value["majority_age"], "provision": provision.id,
            },
        )  # fmt: skip
        written = cursor.fetchone()[0]
    if written:
        audit.record(by=by, verb="write_placements", lines=written, on=str(on))
    return written
