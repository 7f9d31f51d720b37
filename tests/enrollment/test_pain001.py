"""The file money leaves by: its bytes against a text written by hand, and everything the schema must refuse."""

import io
from datetime import UTC, date, datetime
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from enrollment.paying import pain001, spreadsheet
from enrollment.paying.rib import with_key
from enrollment.paying.rows import Batch, Part, Row, Sender, centimes, decimal, parts_of_counts, printable

DEBTOR, PAYEE = with_key("9990000000000000000001"), with_key("0117800000000000000007")
SENDER = Sender(
    "RSU-000012", "Agence nationale du soutien social", "ANSS", DEBTOR, "XXXXMAMCXXX", date(2026, 11, 27), datetime(2026, 11, 27, 9, 30, tzinfo=UTC),
)  # fmt: skip
TRANSFER = Row(1, "RSU12-1", date(2026, 11, 1), 50005, "Aïcha El Fassi", "عائشة الفاسي", "2000000006", PAYEE)
CASH = Row(2, "RSU12-2", date(2026, 10, 1), 40000, "Ali Ben d’Or & Cie", "", "2000000014", "")
PART = Part(1, (Batch(1, False, 1, 50005), Batch(2, True, 1, 40000)))

GOLDEN = f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">
<CstmrCdtTrfInitn>
<GrpHdr><MsgId>RSU-000012-0001</MsgId><CreDtTm>2026-11-27T09:30:00+00:00</CreDtTm><NbOfTxs>2</NbOfTxs><CtrlSum>900.05</CtrlSum>\
<InitgPty><Nm>Agence nationale du soutien social</Nm><Id><OrgId><Othr><Id>ANSS</Id></Othr></OrgId></Id></InitgPty></GrpHdr>
<PmtInf><PmtInfId>RSU-000012-0001-0001</PmtInfId><PmtMtd>TRF</PmtMtd><BtchBookg>true</BtchBookg><NbOfTxs>1</NbOfTxs>\
<CtrlSum>500.05</CtrlSum><PmtTpInf><CtgyPurp><Cd>SSBE</Cd></CtgyPurp></PmtTpInf><ReqdExctnDt><Dt>2026-11-27</Dt></ReqdExctnDt>\
<Dbtr><Nm>Agence nationale du soutien social</Nm><Id><OrgId><Othr><Id>ANSS</Id></Othr></OrgId></Id></Dbtr>\
<DbtrAcct><Id><IBAN>MA64{DEBTOR}</IBAN></Id><Ccy>MAD</Ccy></DbtrAcct><DbtrAgt><FinInstnId><BICFI>XXXXMAMCXXX</BICFI></FinInstnId></DbtrAgt>\
<ChrgBr>DEBT</ChrgBr>
<CdtTrfTxInf><PmtId><InstrId>RSU12-1</InstrId><EndToEndId>RSU12-1</EndToEndId></PmtId><Amt><InstdAmt Ccy="MAD">500.05</InstdAmt></Amt>\
<Cdtr><Nm>Aicha El Fassi</Nm></Cdtr><CdtrAcct><Id><IBAN>MA64{PAYEE}</IBAN></Id></CdtrAcct><Purp><Cd>SSBE</Cd></Purp>\
<RmtInf><Ustrd>RSU-000012 2026-11</Ustrd></RmtInf></CdtTrfTxInf>
</PmtInf>
<PmtInf><PmtInfId>RSU-000012-0001-0002</PmtInfId><PmtMtd>CHK</PmtMtd><BtchBookg>true</BtchBookg><NbOfTxs>1</NbOfTxs>\
<CtrlSum>400.00</CtrlSum><PmtTpInf><LclInstrm><Prtry>MISE A DISPOSITION</Prtry></LclInstrm><CtgyPurp><Cd>SSBE</Cd></CtgyPurp></PmtTpInf>\
<ReqdExctnDt><Dt>2026-11-27</Dt></ReqdExctnDt>\
<Dbtr><Nm>Agence nationale du soutien social</Nm><Id><OrgId><Othr><Id>ANSS</Id></Othr></OrgId></Id></Dbtr>\
<DbtrAcct><Id><IBAN>MA64{DEBTOR}</IBAN></Id><Ccy>MAD</Ccy></DbtrAcct><DbtrAgt><FinInstnId><BICFI>XXXXMAMCXXX</BICFI></FinInstnId></DbtrAgt>\
<ChrgBr>DEBT</ChrgBr>
<CdtTrfTxInf><PmtId><InstrId>RSU12-2</InstrId><EndToEndId>RSU12-2</EndToEndId></PmtId><Amt><InstdAmt Ccy="MAD">400.00</InstdAmt></Amt>\
<Cdtr><Nm>Ali Ben d'Or Cie</Nm><Id><PrvtId><Othr><Id>2000000014</Id><SchmeNm><Prtry>IDCS</Prtry></SchmeNm></Othr></PrvtId></Id></Cdtr>\
<Purp><Cd>SSBE</Cd></Purp><RmtInf><Ustrd>RSU-000012 2026-10</Ustrd></RmtInf></CdtTrfTxInf>
</PmtInf>
</CstmrCdtTrfInitn>
</Document>
"""


def written(part=PART, rows=(TRANSFER, CASH)) -> bytes:
    out = io.BytesIO()
    pain001.write(out, part, iter(rows), sender=SENDER)
    return out.getvalue()


def read(content: bytes, tmp_path) -> pain001.Read:
    path = tmp_path / "file.xml"
    path.write_bytes(content)
    return pain001.read_back(path)


@pytest.fixture(scope="session")
def standard() -> etree.XMLSchema:
    """The standard's own schema, as a library that writes for European banks ships it: ours is narrower."""
    return etree.XMLSchema(etree.parse(str(files("sepaxml") / "schemas" / "pain.001.001.09.xsd")))


def test_the_file_is_the_one_written_by_hand_and_is_valid(tmp_path, standard):
    assert written().decode() == GOLDEN
    standard.assertValid(etree.fromstring(written()))
    assert read(written(), tmp_path) == pain001.Read("RSU-000012-0001", 2, 90005)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<NbOfTxs>2</NbOfTxs>", "<NbOfTxs>3</NbOfTxs>"),
        ("<CtrlSum>900.05</CtrlSum>", "<CtrlSum>900.06</CtrlSum>"),
        ("<CtrlSum>400.00</CtrlSum>", "<CtrlSum>400.01</CtrlSum>"),
        ("<EndToEndId>RSU12-2", "<EndToEndId>RSU12-1"),
        ("RSU-000012-0001-0002", "RSU-000012-0001-0001"),
        ("<EndToEndId>RSU12-1", "<EndToEndId>" + "R" * 36),
        ("<EndToEndId>RSU12-1", "<EndToEndId>"),
        (">500.05</InstdAmt>", ">500.050</InstdAmt>"),
        (">500.05</InstdAmt>", ">500</InstdAmt>"),
        (">500.05</InstdAmt>", ">-500.05</InstdAmt>"),
        (">400.00</InstdAmt>", ">0.00</InstdAmt>"),
        ('Ccy="MAD"', 'Ccy="EUR"'),
        (' Ccy="MAD"', ""),
        ("<PmtMtd>TRF", "<PmtMtd>XXX"),
        (f"MA64{PAYEE}", f"MA64{PAYEE[:-1]}"),
        ("<BICFI>XXXXMAMCXXX", "<BICFI>XXXXMAMCXX"),
        ("<Nm>Aicha El Fassi</Nm>", "<Nm></Nm>"),
        ("<Nm>Aicha El Fassi</Nm>", f"<Nm>{'A' * 141}</Nm>"),
        ("<Nm>Aicha El Fassi</Nm>", "<Nm>Aïcha</Nm>"),
        ("<ReqdExctnDt><Dt>2026-11-27", "<ReqdExctnDt><Dt>2026-11-31"),
        ("2026-11-27T09:30:00+00:00", "2026-11-27T09:30:00"),
        ("<ChrgBr>DEBT</ChrgBr>", ""),
        ("<BtchBookg>true</BtchBookg>", ""),
        ("<PmtMtd>TRF</PmtMtd><BtchBookg>true</BtchBookg>", "<BtchBookg>true</BtchBookg><PmtMtd>TRF</PmtMtd>"),
        ("<Purp><Cd>SSBE</Cd></Purp><RmtInf><Ustrd>RSU-000012 2026-11</Ustrd></RmtInf>", "<RmtInf><Ustrd>x</Ustrd></RmtInf><Purp><Cd>SSBE</Cd></Purp>"),
        ("<Cdtr><Nm>Aicha El Fassi</Nm></Cdtr>", ""),
        ("<InitgPty>", "<Other/><InitgPty>"),
        ("pain.001.001.09", "pain.001.001.03"),
        ("</Document>", ""),
    ],
)  # fmt: skip
def test_what_the_standard_or_the_order_does_not_say_is_refused(before, after, tmp_path):
    assert before in GOLDEN
    with pytest.raises(pain001.Invalid):
        read(GOLDEN.replace(before, after).encode(), tmp_path)


def test_a_part_that_lacks_payments_is_not_written():
    with pytest.raises(pain001.Invalid):
        written(rows=(TRANSFER,))


def test_nobody_is_paid_another_way_than_his_batch():
    with pytest.raises(pain001.Invalid):
        written(rows=(CASH, TRANSFER))


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Aïcha", "Aicha"), ("Œuvre", "OEuvre"), ("d’Or", "d'Or"), ("A & B <c>", "A B c"), ("عائشة", "?"), ("Ali  Alami", "Ali  Alami"),
    ],
)  # fmt: skip
def test_a_name_is_written_in_letters_that_every_bank_prints(name, printed):
    assert printable(name) == printed


@given(amount=st.integers(0, 10**15))
def test_money_is_read_as_it_is_written(amount):
    assert centimes(decimal(amount)) == amount


@pytest.mark.parametrize("text", ["", "1,5", "1.234", "-1", "1e3", ".5", "1.", "٥"])
def test_what_is_no_sum_is_no_sum(text):
    with pytest.raises(ValueError):
        centimes(text)


NAMES = st.text(min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(
    owed=st.lists(st.tuples(st.integers(1, 10**9), NAMES, st.booleans()), min_size=1, max_size=20),
    limits=st.tuples(st.integers(1, 6), st.integers(1, 4)),
)
def test_whatever_is_owed_and_whatever_the_names_the_files_are_valid_and_pay_it(owed, limits, standard, tmp_path_factory):
    file_limit, batch_limit = limits
    owed = sorted(owed, key=lambda one: one[2])
    rows = [
        Row(place, f"RSU1-{place}", date(2026, 11, 1), amount, name, name, "2000000006", "" if cash else PAYEE)
        for place, (amount, name, cash) in enumerate(owed, start=1)
    ]
    counts: dict = {}
    for row in rows:
        key = (row.position - 1) // file_limit, row.account == "", (row.position - 1) % file_limit // batch_limit
        number, amount = counts.get(key, (0, 0))
        counts[key] = number + 1, amount + row.amount
    cut = parts_of_counts((file, cash, *sums) for (file, cash, _batch), sums in counts.items())
    folder, left, total = tmp_path_factory.mktemp("files"), iter(rows), 0
    for part in cut:
        content = written(part, left)
        standard.assertValid(etree.fromstring(content))
        total += read(content, folder).amount
    assert total == sum(amount for amount, _name, _cash in owed)
    with open(folder / "all.csv", "wb") as out:
        spreadsheet.write(out, rows, sender=SENDER)
    assert spreadsheet.read_back(folder / "all.csv") == pain001.Read("RSU-000012", len(rows), total)
