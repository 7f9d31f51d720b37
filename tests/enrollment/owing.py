"""Families that are owed months of direct aid, children in institutions, and what the agency answers, written straight."""

from datetime import date
from itertools import count

from eligibility.models import Provision
from enrollment import services
from enrollment.models import Allowance, Enrollment, Payment, PaymentOrder, Placement, PlacementMonth
from enrollment.paying.rib import with_key
from households.models import Household
from rsu.models import Commune, User
from tests.eligibility.families import SIDI_MOUMEN, idcs

from .builders import couple

MONTH = date(2026, 11, 1)
ON = date(2026, 11, 27)
_numbers = count(700_000)


def rib(number: int = 1) -> str:
    """A sound account number, a different one for each small number."""
    return with_key(f"011780{number:016d}")


def owe(*lines: int, household: Household | None = None, month: date = MONTH) -> Allowance:
    """One month of aid made of these lines, owed to the head."""
    household = household or couple()
    enrollment = Enrollment.objects.filter(household=household, program="direct_aid").first() or Enrollment.objects.create(
        household=household, commune=household.commune, program="direct_aid", quality="household", status="active", since=date(2026, 1, 1)
    )
    head = household.members.get(relation="head")
    count = len(lines)
    return Allowance.objects.create(
        enrollment=enrollment, household=household, commune=household.commune, month=month, read_on=month, amount=sum(lines), payee=head,
        payee_idcs=head.idcs, provision=Provision.objects.filter(key="direct_aid.amounts").first(), kinds=["child"] * count,
        members=[None] * count, ranks=[None] * count, amounts=list(lines),
    )  # fmt: skip


def place(amount: int = 50_000, *, by: User, account: str | None = None, month: date = MONTH) -> PlacementMonth:
    """One month owed to one child in an institution."""
    number = next(_numbers)
    placement = Placement.objects.create(
        idcs=idcs(number), name="Enfant Accueilli", born_on=date(2018, 5, 1), institution="Maison d’accueil", since=date(2026, 1, 1),
        commune=Commune.objects.get(code=SIDI_MOUMEN), account=rib(number) if account is None else account, recorded_by=by,
    )  # fmt: skip
    provision = Provision.objects.filter(key="direct_aid.institutions").first()
    return PlacementMonth.objects.create(placement=placement, month=month, amount=amount, provision=provision)


def bank(household: Household, number: int, *, by: User, on: date = ON):
    head = household.members.get(relation="head")
    return services.record_account(household, member_id=head.pk, rib=rib(number), holder=head.name_fr, reason="RIB reçu", on=on, by=by)


def prepared(by: User, **more) -> PaymentOrder:
    return services.prepare_order(month=MONTH, on=ON, by=by, **more)


def frozen(first: User, second: User, **more) -> PaymentOrder:
    order = prepared(first, **more)
    services.approve_order(order.pk, on=ON, by=first)
    services.approve_order(order.pk, on=ON, by=second)
    return services.freeze_order(order.pk, on=ON, by=first)


def sent(first: User, second: User, **more) -> PaymentOrder:
    return services.export_order(frozen(first, second, **more).pk, on=ON, by=first)


def rows_of(order: PaymentOrder) -> list[Payment]:
    return list(order.rows.order_by("position"))


def line(identifier: str, code: str, *, reason: str = "", amount: str = "", day: str = "2026-11-30") -> str:
    """One transaction of a pain.002."""
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    when = f"<AccptncDtTm>{day}T10:00:00</AccptncDtTm>" if day else ""
    sum_ = f'<OrgnlTxRef><Amt><InstdAmt Ccy="MAD">{amount}</InstdAmt></Amt></OrgnlTxRef>' if amount else ""
    return f"<TxInfAndSts><OrgnlEndToEndId>{identifier}</OrgnlEndToEndId><TxSts>{code}</TxSts>{why}{when}{sum_}</TxInfAndSts>"


def report(*lines: str, group: str = "", head: str = "", version: str = "10") -> bytes:
    """A pain.002 of one batch."""
    status = f"<GrpSts>{group}</GrpSts>" if group else ""
    batch = f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>B</OrgnlPmtInfId>{''.join(lines)}</OrgnlPmtInfAndSts>" if lines else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}"><CstmrPmtStsRpt>'
        "<GrpHdr><MsgId>R1</MsgId><CreDtTm>2026-11-30T12:00:00</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>M</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{status}</OrgnlGrpInfAndSts>"
        f"{batch}</CstmrPmtStsRpt></Document>"
    ).encode()


def answer(order: PaymentOrder, content: bytes, tmp_path, *, by: User, on: date = ON):
    path = tmp_path / "return.xml"
    path.write_bytes(content)
    return services.record_return(order.pk, path=path, name="return.xml", on=on, by=by)
