"""A paying agency that does not exist: it answers the payments of an order as a bank would, the same way every time."""

from collections.abc import Iterable
from datetime import date
from typing import BinaryIO

from .rows import Row, decimal

CAUSES = ("AC04", "AC01", "MD07", "BE01", "AC06")
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"


def answer(out: BinaryIO, rows: Iterable[Row], *, reference: str, on: date, reject_every: int, errors: bool) -> None:
    """A pain.002: one payment in `reject_every` is rejected, the others are paid on the day.

    `errors` adds what agencies get wrong: a payment nobody ordered, and one answered for another sum.
    """
    out.write(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}">\n<CstmrPmtStsRpt>\n<GrpHdr><MsgId>{reference}-R</MsgId>'
        f"<CreDtTm>{on.isoformat()}T18:00:00</CreDtTm></GrpHdr>\n<OrgnlGrpInfAndSts><OrgnlMsgId>{reference}</OrgnlMsgId>"
        f"<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId><GrpSts>PART</GrpSts></OrgnlGrpInfAndSts>\n"
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{reference}</OrgnlPmtInfId>\n".encode()
    )
    for row in rows:
        rejected = row.position % reject_every == 0
        wrong = errors and row.position == 1
        out.write(_line(row, rejected, row.amount + 100 * wrong, on).encode())
    if errors:
        out.write(_line(Row(0, f"{reference}-INCONNU", on, 100_00, "", "", "", ""), False, 100_00, on).encode())
    out.write(b"</OrgnlPmtInfAndSts>\n</CstmrPmtStsRpt>\n</Document>\n")


def _line(row: Row, rejected: bool, amount: int, on: date) -> str:
    cause = CAUSES[row.position // 2 % len(CAUSES)]
    # In cash nobody has an account to be at fault.
    reason = f"<StsRsnInf><Rsn><Cd>{cause if row.account else 'MD07'}</Cd></Rsn></StsRsnInf>" if rejected else ""
    return (
        f"<TxInfAndSts><OrgnlEndToEndId>{row.end_to_end_id}</OrgnlEndToEndId><TxSts>{'RJCT' if rejected else 'ACSC'}</TxSts>{reason}"
        f"<AccptncDtTm>{on.isoformat()}T17:30:00</AccptncDtTm>"
        f'<OrgnlTxRef><Amt><InstdAmt Ccy="MAD">{decimal(amount)}</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts>\n'
    )
