"""ISO 20022 pain.001.001.09: one file of an order, written row by row and read back against the schema kept beside this module.

Money leaves by this file: it is trusted only once it has been parsed again, found valid, and its sums counted anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import escape

from lxml import etree

from .rib import iban
from .rows import Batch, Part, Row, Sender, centimes, decimal, printable

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
CASH = "MISE A DISPOSITION"
"""How the agency is told to hold the sum at its counter for whoever shows the number."""
BLOCK = 1000


class Invalid(Exception):
    """The file is not what the standard, or the order, says."""


@dataclass(frozen=True)
class Read:
    """What a file pays, counted from its own transactions."""

    message: str
    payments: int
    amount: int


def write(out: BinaryIO, part: Part, rows: Iterator[Row], *, sender: Sender) -> None:
    """Write one file; `rows` gives exactly the part's payments, in order. Memory does not grow with them."""
    out.write(_opening(part, sender).encode())
    for batch in part.batches:
        out.write(_batch(part, batch, sender).encode())
        left = batch.payments
        while left:
            block = list(islice(rows, min(left, BLOCK)))
            if not block:
                raise Invalid("payments are missing")
            out.write("".join(_transaction(row, batch.cash, sender) for row in block).encode())
            left -= len(block)
        out.write(b"</PmtInf>\n")
    out.write(b"</CstmrCdtTrfInitn>\n</Document>\n")


def _opening(part: Part, sender: Sender) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}">\n<CstmrCdtTrfInitn>\n<GrpHdr><MsgId>{_message(part, sender)}</MsgId>'
        f"<CreDtTm>{sender.at.isoformat(timespec='seconds')}</CreDtTm><NbOfTxs>{part.payments}</NbOfTxs>"
        f"<CtrlSum>{decimal(part.amount)}</CtrlSum><InitgPty>{_organisation(sender)}</InitgPty></GrpHdr>\n"
    )


def _message(part: Part, sender: Sender) -> str:
    return f"{sender.reference}-{part.number:04d}"


def _organisation(sender: Sender) -> str:
    name, identifier = escape(printable(sender.name)), escape(printable(sender.identifier))
    return f"<Nm>{name}</Nm><Id><OrgId><Othr><Id>{identifier}</Id></Othr></OrgId></Id>"


def _batch(part: Part, batch: Batch, sender: Sender) -> str:
    local = f"<LclInstrm><Prtry>{CASH}</Prtry></LclInstrm>" if batch.cash else ""
    return (
        f"<PmtInf><PmtInfId>{_message(part, sender)}-{batch.number:04d}</PmtInfId><PmtMtd>{'CHK' if batch.cash else 'TRF'}</PmtMtd>"
        f"<BtchBookg>true</BtchBookg><NbOfTxs>{batch.payments}</NbOfTxs><CtrlSum>{decimal(batch.amount)}</CtrlSum>"
        f"<PmtTpInf>{local}<CtgyPurp><Cd>SSBE</Cd></CtgyPurp></PmtTpInf><ReqdExctnDt><Dt>{sender.on.isoformat()}</Dt></ReqdExctnDt>"
        f"<Dbtr>{_organisation(sender)}</Dbtr><DbtrAcct><Id><IBAN>{iban(sender.rib)}</IBAN></Id><Ccy>MAD</Ccy></DbtrAcct>"
        f"<DbtrAgt><FinInstnId><BICFI>{sender.bic}</BICFI></FinInstnId></DbtrAgt><ChrgBr>DEBT</ChrgBr>\n"
    )


def _transaction(row: Row, cash: bool, sender: Sender) -> str:
    """Only who is paid in cash is told by number: the counter asks for it; the holder of an account is known to his bank."""
    if bool(row.account) == cash:
        raise Invalid(f"{row.end_to_end_id} is not paid the way of its batch")
    shown = f"<Id><PrvtId><Othr><Id>{row.idcs}</Id><SchmeNm><Prtry>IDCS</Prtry></SchmeNm></Othr></PrvtId></Id>" if cash else ""
    account = "" if cash else f"<CdtrAcct><Id><IBAN>{iban(row.account)}</IBAN></Id></CdtrAcct>"
    return (
        f"<CdtTrfTxInf><PmtId><InstrId>{row.end_to_end_id}</InstrId><EndToEndId>{row.end_to_end_id}</EndToEndId></PmtId>"
        f'<Amt><InstdAmt Ccy="MAD">{decimal(row.amount)}</InstdAmt></Amt><Cdtr><Nm>{escape(printable(row.name_fr))}</Nm>{shown}</Cdtr>{account}'
        f"<Purp><Cd>SSBE</Cd></Purp><RmtInf><Ustrd>{sender.reference} {row.month:%Y-%m}</Ustrd></RmtInf></CdtTrfTxInf>\n"
    )


@cache
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(Path(__file__).with_name("schema") / "pain.001.001.09.xsd"))


def read_back(path: Path) -> Read:
    """Validate a written file against the schema while it is read, and count it again. Raises Invalid with the first fault.

    Each control sum of the file is compared with the sum of its own transactions.
    """
    whole, batch, message, ended = _Count(), _Count(), "", False
    wanted = [f"{{{NAMESPACE}}}{name}" for name in ("GrpHdr", "CdtTrfTxInf", "PmtInf", "Document")]
    try:
        with open(path, "rb") as file:
            for _event, element in etree.iterparse(file, tag=wanted, schema=schema(), resolve_entities=False, no_network=True):
                name = etree.QName(element).localname
                if name == "GrpHdr":
                    message = element.findtext("{*}MsgId")
                    whole.announce(element)
                    continue
                if name == "Document":
                    ended = True
                    continue
                if name == "CdtTrfTxInf":
                    batch.add(1, centimes(element.findtext("{*}Amt/{*}InstdAmt")))
                else:
                    batch.announce(element)
                    batch.check(element.findtext("{*}PmtInfId"))
                    whole.add(batch.payments, batch.amount)
                    batch = _Count()
                _forget(element)
    except (etree.XMLSyntaxError, ValueError, TypeError) as fault:
        raise Invalid(str(fault)) from fault
    # A file cut after its last batch ends the reading without a fault.
    if not ended:
        raise Invalid(f"{message} has no end")
    whole.check(message)
    return Read(message, whole.payments, whole.amount)


class _Count:
    """What was announced and what was found."""

    def __init__(self) -> None:
        self.payments = self.amount = 0
        self.announced = (0, 0)

    def add(self, payments: int, amount: int) -> None:
        self.payments, self.amount = self.payments + payments, self.amount + amount

    def announce(self, element) -> None:
        self.announced = int(element.findtext("{*}NbOfTxs")), centimes(element.findtext("{*}CtrlSum"))

    def check(self, what: str) -> None:
        if self.announced != (self.payments, self.amount):
            raise Invalid(f"{what} announces {self.announced} and holds {(self.payments, self.amount)}")


def _forget(element) -> None:
    """Empty an element that was read and drop those before it, so that memory stays flat."""
    element.clear()
    while element.getprevious() is not None:
        before = element.getprevious()
        if etree.QName(before).localname not in ("CdtTrfTxInf", "PmtInf"):
            return
        element.getparent().remove(before)
