"""What the agency answers: a pain.002 or a CSV, read line by line without trusting it.

A document type is refused before anything of it is read: entities are how a small file fills a memory or opens another. Every line is
given, even one that cannot be read: the reader of this module counts them.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from lxml import etree

from .rows import centimes

PAID = ("ACSC", "ACCC", "PAID")
REJECTED = ("RJCT", "REJECTED")
PENDING = ("RCVD", "ACTC", "ACCP", "ACSP", "ACWC", "ACWP", "PDNG", "PENDING")
NO_REASON = "MS03"
"""Of a rejection that gives none: "not specified by the agent"."""
FAMILY = re.compile(r"urn:iso:std:iso:20022:tech:xsd:pain\.002\.001\.(0[3-9]|1[0-9])")
COLUMNS = ("end_to_end_id", "status", "reason", "amount", "paid_on")
LONGEST = 70


class Unusable(Exception):
    """The file as a whole cannot be read: a code the caller puts in words, and where."""

    def __init__(self, code: str, where: str = "") -> None:
        super().__init__(f"{code} {where}".strip())
        self.code, self.where = code, where


@dataclass(frozen=True, slots=True)
class Answer:
    """One line; `problem` names what of it could not be read, and `whole` an answer for a whole file or batch."""

    number: int
    end_to_end_id: str = ""
    code: str = ""
    reason: str = ""
    amount: int | None = None
    paid_on: date | None = None
    problem: str = ""
    whole: bool = False


def kind_of(path: Path) -> str:
    """ "pain002" for what begins as XML, else "csv". Raises Unusable."""
    with open(path, "rb") as file:
        start = file.read(4096)
    if not start.strip():
        raise Unusable("empty")
    return "pain002" if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<") else "csv"


def read(path: Path, kind: str) -> Iterator[Answer]:
    return _xml(path) if kind == "pain002" else _csv(path)


class _DocumentType(Exception):
    pass


class _RootReached(Exception):
    pass


def _check_prolog(file: BinaryIO) -> None:
    """Raise Unusable if the document declares a type; nothing past the root's name is looked at."""
    parser = expat.ParserCreate()

    def refuse(*_declared) -> None:
        raise _DocumentType

    def stop(*_root) -> None:
        raise _RootReached

    parser.StartDoctypeDeclHandler, parser.StartElementHandler = refuse, stop
    try:
        while block := file.read(65_536):
            parser.Parse(block)
        raise Unusable("not_xml")
    except _RootReached:
        return
    except _DocumentType:
        raise Unusable("document_type") from None
    except expat.ExpatError as fault:
        raise Unusable("not_xml", str(fault.lineno)) from fault


def _xml(path: Path) -> Iterator[Answer]:
    with open(path, "rb") as file:
        _check_prolog(file)
        file.seek(0)
        yield from _report(file)


def _report(file: BinaryIO) -> Iterator[Answer]:
    number, said_by_line, message_day, group, report, ended = 0, False, None, None, False, False
    tags = ["{*}GrpHdr", "{*}OrgnlGrpInfAndSts", "{*}TxInfAndSts", "{*}OrgnlPmtInfAndSts", "{*}CstmrPmtStsRpt", "{*}Document"]
    try:
        for _event, element in etree.iterparse(file, tag=tags, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False):
            name = etree.QName(element)
            if not FAMILY.fullmatch(name.namespace or ""):
                raise Unusable("other_message", name.namespace or "")
            if name.localname == "GrpHdr":
                message_day = _day(element.findtext("{*}CreDtTm"))
            elif name.localname == "TxInfAndSts":
                number, said_by_line = number + 1, True
                yield _transaction(number, element, message_day)
                _forget(element)
            elif name.localname == "OrgnlGrpInfAndSts":
                group = _whole(1, element)
            elif name.localname == "OrgnlPmtInfAndSts":
                if not said_by_line and (batch := _whole(number + 1, element)):
                    number += 1
                    yield batch
                said_by_line = False
                _forget(element)
            else:
                report, ended = True, name.localname == "Document"
    except etree.XMLSyntaxError as fault:
        raise Unusable("not_xml", str(fault.lineno or "")) from fault
    if not ended:
        raise Unusable("not_xml" if report or number else "other_message")
    if group and not number:
        yield group


def _forget(element) -> None:
    element.clear()
    before = element.getprevious()
    while before is not None and etree.QName(before).localname in ("TxInfAndSts", "OrgnlPmtInfAndSts"):
        element.getparent().remove(before)
        before = element.getprevious()


def _transaction(number: int, element, message_day: date | None) -> Answer:
    code = (element.findtext("{*}TxSts") or "").strip()
    reason = _reason(element)
    amount, problem = _amount(element.find("{*}OrgnlTxRef/{*}Amt/{*}InstdAmt"))
    told = element.findtext("{*}FctvIntrBkSttlmDt/{*}Dt") or element.findtext("{*}AccptncDtTm")
    day = _day(told) if told else message_day
    if told and day is None:
        problem = problem or "day"
    identifier = (element.findtext("{*}OrgnlEndToEndId") or "").strip()
    return _checked(Answer(number, identifier[:LONGEST], code[:20], reason[:20], amount, day, problem))


def _whole(number: int, element) -> Answer | None:
    """The status of a whole message or batch, when it decides something: a line only where no line below says more."""
    code = (element.findtext("{*}GrpSts") or element.findtext("{*}PmtInfSts") or "").strip()
    if code in ("", "PART", *PENDING):
        return None
    original = element.findtext("{*}OrgnlPmtInfId") or element.findtext("{*}OrgnlMsgId") or ""
    return Answer(number, original.strip()[:LONGEST], code[:20], _reason(element)[:20], whole=True)


def _reason(element) -> str:
    found = element.findtext("{*}StsRsnInf/{*}Rsn/{*}Cd") or element.findtext("{*}StsRsnInf/{*}Rsn/{*}Prtry") or ""
    return found.strip()


def _amount(element) -> tuple[int | None, str]:
    if element is None:
        return None, ""
    try:
        return (centimes(element.text or ""), "") if element.get("Ccy") == "MAD" else (None, "currency")
    except ValueError:
        return None, "amount"


def _day(text: str | None) -> date | None:
    try:
        return datetime.fromisoformat((text or "").strip()).date()
    except ValueError:
        return None


def _checked(answer: Answer) -> Answer:
    """The first thing that keeps a line from being understood, if any."""
    problem = answer.problem
    if not answer.end_to_end_id:
        problem = "identifier"
    elif answer.code not in (*PAID, *REJECTED, *PENDING):
        problem = "status"
    elif answer.code in PAID and answer.paid_on is None:
        problem = problem or "day"
    given = {name: getattr(answer, name) for name in ("number", "end_to_end_id", "code", "reason", "amount", "paid_on")}
    return Answer(**given, problem=problem)


def _csv(path: Path) -> Iterator[Answer]:
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            lines = csv.reader(file, delimiter=";" if ";" in first else ",", strict=True)
            headings = [cell.strip().lower() for cell in next(lines, [])]
            if not set(COLUMNS[:2]) <= set(headings):
                raise Unusable("headings")
            number = 0
            for cells in lines:
                if any(cell.strip() for cell in cells):
                    number += 1
                    yield _line(number, dict(zip(headings, (cell.strip() for cell in cells), strict=False)))
    except UnicodeDecodeError as fault:
        raise Unusable("encoding") from fault
    except csv.Error as fault:
        raise Unusable("not_csv") from fault


def _line(number: int, cells: dict[str, str]) -> Answer:
    problem, amount, day = "", None, None
    if cells.get("amount"):
        try:
            amount = centimes(cells["amount"].replace(",", "."))
        except ValueError:
            problem = "amount"
    if cells.get("paid_on"):
        day = _day(cells["paid_on"])
        problem = problem or ("" if day else "day")
    identifier, code, reason = cells.get("end_to_end_id", ""), cells.get("status", "").upper(), cells.get("reason", "").upper()
    return _checked(Answer(number, identifier[:LONGEST], code[:20], reason[:20], amount, day, problem))
