import io
import uuid
from datetime import date, datetime

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from stdnum import verhoeff

from households.models import Household, Import, ImportRow, Member, Request
from households.services import (
    DeclarationRefused,
    Unusable,
    apply_lot,
    claim_lot,
    close_imports,
    receive_import,
    submit_registration,
)
from households.sheets.columns import household_columns
from rsu.desk.tasks import take_lots
from rsu.models import User

from .families import DAUGHTER, DAY, GUELIZ, OTHER, TOWN, country, law, town, with_person
from .files import as_csv, as_xlsx, rows_of

pytestmark = pytest.mark.usefixtures("own_folder")


def receive(by, content: bytes, name="jour.csv", kind="households", agency=None):
    return receive_import(file=io.BytesIO(content), name=name, kind=kind, on=DAY, by=by, agency=agency)


def work(on=DAY) -> int:
    """Apply every lot that waits, as a worker does."""
    done = 0
    while lot := claim_lot(worker="test", at=timezone.now()):
        done += apply_lot(lot, on=on, at=timezone.now(), law=law())
    close_imports(at=timezone.now())
    return done


def sent(by, rows: list[dict], **how) -> Import:
    importing = receive(by, as_csv(rows, **how))
    work()
    importing.refresh_from_db()
    return importing


def counts(importing: Import) -> dict[str, int]:
    names = ("applied", "already", "refused", "contradicted", "unknown", "households")
    return {name: n for name in names if (n := sum(importing.chunks.values_list(name, flat=True)))}


def alone(idcs: str, **changes) -> dict:
    """A man who lives alone."""
    return with_person(town(members=[TOWN["members"][0]]), 1, idcs=idcs, marital_status="single", **changes)


def refusals(importing: Import) -> list[tuple]:
    """(row, column, value, French) of each problem."""
    rows = ImportRow.objects.filter(importing=importing).order_by("number")
    return [(row.number, told["column"], told["value"], told["fr"]) for row in rows for told in row.problems]


class TestAFileOfHouseholds:
    def test_registers_each_household_and_counts_each_row(self, amina):
        importing = sent(amina, rows_of("A", town()) + rows_of("B", alone(OTHER)))
        assert (importing.status, importing.rows, counts(importing)) == ("closed", 4, {"applied": 4, "households": 2})
        sizes = sorted(household.members.count() for household in Household.objects.all())
        assert sizes == [1, 3]
        assert not ImportRow.objects.exists()

    def test_says_row_column_value_and_reason_of_what_it_refuses_and_registers_the_rest(self, amina):
        bad = with_person(town(), 2, idcs="2000000011")
        importing = sent(amina, rows_of(1, bad) + rows_of(2, alone(OTHER)))
        assert counts(importing) == {"applied": 1, "refused": 3, "households": 1}
        sentence = "Cet IDCS contient une erreur de frappe : son dernier chiffre ne correspond pas aux autres."
        assert refusals(importing) == [(3, "idcs", "2000000011", sentence)]
        told = ImportRow.objects.get(number=3).problems[0]
        assert "رقمه الأخير" in told["ar"] or "الرقم" in told["ar"]
        assert Member.objects.get().idcs == OTHER

    def test_refuses_with_the_sentences_of_a_registration(self, amina):
        wrong = with_person(town(rooms="deux", cars=12, bath=None), 1, marital_status="single")
        with pytest.raises(DeclarationRefused) as single:
            submit_registration(token=uuid.uuid4(), answers=wrong, on=DAY, by=amina, law=law())
        wrong.pop("bath")
        importing = sent(amina, rows_of("x", wrong))
        assert sorted(told[3] for told in refusals(importing)) == sorted(problem.sentence for problem in single.value.problems)

    def test_refuses_a_household_of_another_area_and_says_so(self, amina):
        importing = sent(amina, rows_of("x", town(commune=GUELIZ)))
        assert (2, "commune", GUELIZ, "Choisissez une commune de votre territoire.") in refusals(importing)

    def test_takes_a_rare_answer_once_it_is_confirmed(self, amina):
        rare = town(rooms=40)
        first = sent(amina, rows_of("x", rare))
        (told,) = ImportRow.objects.get(importing=first, number=2).problems
        assert told["confirm"] == "rooms=40"
        rows = rows_of("x", rare)
        rows[0]["confirmed"] = told["confirm"]
        assert counts(sent(amina, rows)) == {"applied": 3, "households": 1}

    def test_groups_rows_that_do_not_follow_one_another(self, amina):
        first, second = rows_of("A", town()), rows_of("B", alone(OTHER))
        importing = sent(amina, [first[0], second[0], *first[1:]])
        assert counts(importing) == {"applied": 4, "households": 2}

    def test_takes_an_answer_of_the_household_repeated_and_refuses_two_answers(self, amina):
        rows = rows_of("A", town())
        for row in rows:
            row["rooms"] = "2"
        other = rows_of("B", alone(OTHER)) + rows_of("B", alone(DAUGHTER, relation="other"))
        other[1]["rooms"] = "5"
        importing = sent(amina, rows + other)
        assert counts(importing) == {"applied": 3, "refused": 2, "households": 1}
        sentence = "Les lignes de ce ménage ne donnent pas la même réponse : écrivez-la une fois, ou la même partout."
        assert (6, "rooms", "5", sentence) in refusals(importing)

    def test_refuses_the_second_household_that_claims_a_person_and_not_the_first(self, amina):
        importing = sent(amina, rows_of("A", alone(OTHER)) + rows_of("B", alone(OTHER)))
        assert counts(importing) == {"applied": 1, "refused": 1, "households": 1}
        assert refusals(importing) == [(3, "idcs", OTHER, "Cet IDCS est déjà enregistré dans un ménage.")]

    def test_a_row_without_its_household_is_refused_alone(self, amina):
        importing = sent(amina, rows_of("", alone(OTHER)) + rows_of("B", alone(DAUGHTER)))
        assert counts(importing) == {"applied": 1, "refused": 1, "households": 1}

    def test_cells_beyond_the_headings_are_refused_rather_than_lost(self, amina):
        content = as_csv(rows_of("A", alone(OTHER))).rstrip(b"\r\n") + b";;;perdu\r\n"
        importing = receive(amina, content)
        work()
        assert (2, "", "perdu", "Cette ligne a plus de cases remplies que le fichier n’a de titres.") in refusals(importing)

    def test_is_done_in_lots_of_whole_households(self, amina, settings):
        settings.IMPORT_CHUNK = 1
        importing = sent(amina, rows_of("A", town()) + rows_of("B", alone(OTHER)))
        assert list(importing.chunks.order_by("position").values_list("first", "last", "size")) == [(None, None, 0), (1, 1, 3), (2, 2, 1)]
        assert counts(importing) == {"applied": 4, "households": 2}

    def test_takes_the_same_number_of_queries_for_two_and_for_twenty_households(self, amina):
        def queries(first: int, number: int) -> int:
            rows = [row for n in range(number) for row in rows_of(n, alone(valid(first + n)))]
            importing = receive(amina, as_csv(rows))
            apply_lot(claim_lot(worker="test", at=timezone.now()), on=DAY, at=timezone.now(), law=law())
            lot = claim_lot(worker="test", at=timezone.now())
            with CaptureQueriesContext(connection) as captured:
                apply_lot(lot, on=DAY, at=timezone.now(), law=law())
            assert counts(importing) == {"applied": number, "households": number}
            return len(captured)

        assert queries(100, 2) == queries(200, 20)


def valid(number: int) -> str:
    digits = f"4{number:08d}"
    return digits + verhoeff.calc_check_digit(digits)


class TestTheSameAsOneByOne:
    """A household of a file leaves the rows that a single registration leaves."""

    @pytest.mark.parametrize("answers", [town(), town(loan=True, electricity_bills=[], phone=None), country()])
    def test_row_by_row(self, db, answers):
        nadia = User.objects.get(username="nadia")
        rows = rows_of("A", answers)
        importing = sent(nadia, rows)
        assert counts(importing)["households"] == 1
        bulk = snapshot(Household.objects.get())
        declared = Request.objects.get().answers
        erase()
        submit_registration(token=uuid.uuid4(), answers=declared, on=DAY, by=nadia, law=law())
        assert snapshot(Household.objects.get()) == bulk
        erase()
        submit_registration(token=uuid.uuid4(), answers=answers, on=DAY, by=nadia, law=law())
        by_hand = snapshot(Household.objects.get())
        assert by_hand["household"] == bulk["household"]
        assert by_hand["members"] == bulk["members"]

    def test_history_has_no_row_that_replaced_another(self, amina):
        sent(amina, rows_of("A", town()))
        assert apps.get_model("households", "MemberEvent").objects.count() == 0
        assert apps.get_model("households", "HouseholdEvent").objects.count() == 0


def erase() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table in ("households_request", "households_member", "households_household"):
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute("SET session_replication_role = origin")


def snapshot(household: Household) -> dict:
    """Every column of the rows a registration writes, those drawn or timed left out, pointers as positions."""
    drawn = {"id", "code", "due_since", "household_id", "token", "created_at", "saved_at", "processed_at"}

    def plainly(row, but=()):
        return {name: value for name, value in vars(row).items() if not name.startswith("_") and name not in drawn | set(but)}

    members = list(household.members.order_by("position"))
    places = {member.pk: member.position for member in members}
    pointers = ("spouse_id", "mother_id", "father_id")
    request = household.requests.get()
    assert household.due_since and request.processed_at and request.saved_at
    return {
        "household": plainly(household),
        "members": [plainly(m, pointers) | {name: places.get(getattr(m, name)) for name in pointers} for m in members],
        "request": plainly(request),
    }


class TestSentAgain:
    def test_the_same_file_is_the_same_import(self, amina):
        content = as_csv(rows_of("A", town()))
        first = receive(amina, content)
        work()
        again = receive(amina, content, name="autre nom.csv")
        assert again.pk == first.pk
        assert work() == 0
        assert Household.objects.count() == 1

    def test_a_corrected_file_registers_only_what_is_new(self, amina):
        bad = rows_of("B", alone("2000000048"))
        sent(amina, rows_of("A", town()) + bad)
        mended = sent(amina, rows_of("A", town()) + rows_of("B", alone(OTHER)))
        assert counts(mended) == {"applied": 1, "already": 3, "households": 1}
        assert (mended.status, mended.rows) == ("closed", 4)

    def test_the_same_people_in_other_words_are_refused(self, amina):
        sent(amina, rows_of("A", town()))
        changed = sent(amina, rows_of("A", town(rooms=3)))
        assert counts(changed) == {"refused": 3}
        assert len(refusals(changed)) == 3

    def test_by_somebody_else_of_the_area_registers_nothing_twice(self, amina, salma):
        rows = rows_of("A", town())
        sent(amina, rows)
        assert counts(sent(salma, rows)) == {"already": 3}

    def test_a_lot_delivered_twice_is_done_once(self, amina):
        receive(amina, as_csv(rows_of("A", town())))
        apply_lot(claim_lot(worker="w", at=timezone.now()), on=DAY, at=timezone.now(), law=law())
        lot = claim_lot(worker="w", at=timezone.now())
        assert apply_lot(lot, on=DAY, at=timezone.now(), law=law())
        assert not apply_lot(lot, on=DAY, at=timezone.now(), law=law())
        assert Household.objects.count() == 1


FRENCH = {
    "menage": "Ménage", "idcs": "Identifiant civil et social (IDCS)", "rooms": "Combien de pièces le ménage occupe-t-il ?",
    "bath": "Y a-t-il un bain ou une douche dans le logement ?",
}  # fmt: skip


class TestWhatIsAccepted:
    @pytest.mark.parametrize("separator", [";", ",", "\t"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    def test_any_separator_and_alphabet(self, amina, separator, encoding):
        rows = [{name: text for name, text in row.items() if not name.endswith("_ar")} for row in rows_of("A", town())]
        rows[0]["first_name_fr"] = "Saïd"
        importing = sent(amina, rows, separator=separator, encoding=encoding, headings=FRENCH)
        assert counts(importing) == {"applied": 3, "households": 1}
        assert Member.objects.get(position=1).first_name_fr == "Saïd"

    def test_arabic_of_windows_with_arabic_headings_digits_and_words(self, amina):
        headings = {column.name: column.headings["ar"] for column in household_columns()}
        rows = rows_of("١", alone(OTHER, first_name_ar="سعيد"))
        rows[0] |= {"idcs": OTHER.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")), "rooms": "٢", "bath": "نعم", "sex": "ذكر"}
        for name in ("electricity_bills_1", "electricity_bills_3", "butane_month"):
            rows[0].pop(name, None)
        rows[0] |= {"electricity_bills_1": "100", "butane_month": "75"}
        assert rows[0]["sex"] == "ذكر"
        text = as_csv(rows, headings=headings, encoding="utf-8").decode().translate(str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789"))
        importing = receive(amina, text.encode("cp1256"))
        work()
        assert refusals(importing) == []
        assert importing.encoding == "cp1256"
        assert Household.objects.get().rooms == 2

    def test_an_alphabet_that_cannot_be_told_is_refused(self, amina):
        with pytest.raises(Unusable, match="UTF-8"):
            receive(amina, b"menage;idcs\n" + bytes([0xE9, 0x61, 0xE9, 0xE8, 0x61, 0xE9, 0x61, 0xC7, 0xC7, 0x61]))

    def test_a_workbook_with_numbers_dates_and_words(self, amina):
        rows = rows_of("A", alone(OTHER))
        rows[0] |= {"menage": 1, "idcs": int(OTHER), "rooms": 2.0, "phone": 612345678, "bath": True, "butane_month": 75.5}
        for part in ("birth_year", "birth_month", "birth_day"):
            del rows[0][part]
        rows[0] |= {"born_on": datetime(1981, 3, 5), "sex": "homme"}
        importing = receive(amina, as_xlsx(rows), "jour.xlsx")
        work()
        assert refusals(importing) == []
        household, member = Household.objects.get(), Member.objects.get()
        assert (household.rooms, household.phone, household.bath, household.butane_month) == (2, "0612345678", True, 7550)
        assert (member.born_on, member.birth_precision, member.sex) == (date(1981, 3, 5), "day", "male")

    @pytest.mark.parametrize("written", ["05/03/1981", "1981-03-05", "5.3.1981", "29650"])
    def test_days_in_every_manner(self, amina, written):
        rows = rows_of("A", alone(OTHER))
        for part in ("birth_year", "birth_month", "birth_day"):
            del rows[0][part]
        importing = sent(amina, [rows[0] | {"born_on": written}])
        assert refusals(importing) == []
        assert Member.objects.get().born_on.isoformat() == "1981-03-05"

    def test_a_day_given_twice_and_differently_is_refused(self, amina):
        importing = sent(amina, [rows_of("A", alone(OTHER))[0] | {"born_on": "06/03/1981"}])
        assert refusals(importing) == [(2, "born_on", "06/03/1981", "La date de naissance est donnée deux fois, et n’est pas la même.")]

    def test_a_spouse_named_by_identifier(self, amina):
        rows = rows_of("A", town())
        rows[1]["spouse"], rows[2]["mother"], rows[2]["father"] = rows[0]["idcs"], rows[1]["idcs"], rows[0]["idcs"]
        sent(amina, rows)
        head, wife, son = Household.objects.get().members.order_by("position")
        assert (wife.spouse, son.mother, son.father) == (head, wife, head)

    def test_a_parent_who_is_not_on_the_rows_is_refused(self, amina):
        rows = rows_of("A", town())
        rows[2]["mother"] = OTHER
        assert (4, "mother", OTHER, "Cette personne n’est pas dans le ménage.") in refusals(sent(amina, rows))

    def test_in_the_country_and_a_commune_by_its_name(self, db):
        nadia = User.objects.get(username="nadia")
        importing = sent(nadia, [row | ({"commune": "Issaguen"} if row.get("commune") else {}) for row in rows_of("A", country())])
        assert refusals(importing) == []
        assert Household.objects.get().milieu == "rural"


class TestWhatIsRefusedWhole:
    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"", "vide"),
            (b"%PDF-1.7 menage;idcs", "ni un CSV ni un classeur"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ancien format"),
            (b"PK\x03\x04 not a zip", "ne se lit pas"),
            (b"a;b\n1;2", "aucun titre"),
            (b"menage;idcs;pieces\n1;2;3", "Colonnes inconnues : pieces"),
            (b"menage;rooms\n1;2", "Colonnes qui manquent : idcs"),
            (b"menage;idcs;idcs\n1;2;3", "deux fois : idcs"),
        ],
    )
    def test_with_the_reason(self, amina, content, why):
        with pytest.raises(Unusable, match=why):
            receive(amina, content)
        assert not Import.objects.exists()

    def test_a_workbook_that_unpacks_too_large(self, amina, settings):
        settings.IMPORT_MOST_UNPACKED = 2000
        with pytest.raises(Unusable, match="décompressé"):
            receive(amina, as_xlsx(rows_of("A", town())))

    def test_a_file_above_the_limit_leaves_nothing_on_the_disk(self, amina, settings, tmp_path):
        settings.IMPORT_MOST_BYTES = 100
        with pytest.raises(Unusable, match="dépasse"):
            receive(amina, as_csv(rows_of("A", town())))
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

    def test_too_many_rows_fail_the_import_and_register_nobody(self, amina, settings):
        settings.IMPORT_MOST_ROWS = 2
        importing = receive(amina, as_csv(rows_of("A", town())))
        failing()
        importing.refresh_from_db()
        assert (importing.status, importing.reason) == ("failed", "Ce fichier a plus de 2 lignes : partagez-le en plusieurs.")
        assert (Household.objects.count(), ImportRow.objects.count()) == (0, 0)


def failing() -> None:
    """Take lots as the task does, which gives back those that fail."""
    take_lots()
