"""A RAMED file from its bytes to its equation: what each row becomes, and that nothing is done twice."""

from collections import Counter
from datetime import date

import pytest
from django.core.management import call_command
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stdnum import verhoeff

from eligibility.models import Tally
from enrollment import moved, services
from enrollment.models import Enrollment, MigratedCover, MigratedMove, RamedLot, RamedMigration, RamedRow
from enrollment.ramed.columns import ramed_columns, ramed_names
from enrollment.ramed.defects import DEFECTS
from enrollment.ramed.rows import checks
from households.models import Member, VerifiedPeriod
from households.sheets.columns import folded
from households.sheets.reading import Unusable
from rsu.models import Agency, AuditEvent, Commune
from rsu.permissions import Forbidden
from rsu.synthesis.ramed import KINDS, RamedFile
from tests.sizes import cases

from .builders import couple, man
from .ramed_files import NIGHT, SCORED, SIDI_MOUMEN, as_csv, dependant, migrate, number, principal, receive

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_lots(own_folder, settings):
    settings.RAMED_READ, settings.RAMED_LOT = 7, 5


def ends(migration) -> dict[int, str]:
    """Row -> what became of it: `covered`, or the kind that stopped it."""
    found = dict(migration.covers.values_list("number", "quality")) | dict(migration.unmoved.values_list("number", "kind"))
    return dict(sorted(found.items()))


def test_a_principal_and_those_covered_through_him_are_one_unit_from_the_night_until_the_score_decides(chaima):
    made = migrate([principal(1), dependant(2, 1), dependant(3, 1, relation="conjoint", sex="F", born_on="1975")], by=chaima)
    assert (made.status, made.rows, moved.ramed_counts(made).covered) == ("closed", 3, 3)
    covers = list(MigratedCover.objects.order_by("number"))
    assert {(one.since, one.until, one.status, one.principal_idcs) for one in covers} == {(NIGHT, SCORED, "migrated", number(1))}
    assert [one.quality for one in covers] == ["insured", "dependant", "dependant"]
    assert (covers[2].born_on, covers[2].birth_precision, covers[2].name_fr) == (date(1975, 1, 1), "year", "Omar Alaoui")
    moves = MigratedMove.objects.order_by().values_list("before", "after", "by__role").distinct()
    assert MigratedMove.objects.count() == 3 and list(moves) == [("", "migrated", "engine")]
    assert AuditEvent.objects.filter(verb="ramed.loaded").count() == made.lots.filter(step="3_load").count() == 1


def test_those_moved_are_counted_where_they_live_and_not_where_nobody_knows(chaima):
    migrate([principal(1), dependant(2, 1), principal(3, commune="")], by=chaima)
    counted = Tally.objects.filter(measure="enrolled", program="amo_tadamon", commune__code=SIDI_MOUMEN)
    assert counted.aggregate(Sum("people"), Sum("households")) == {"people__sum": 2, "households__sum": 1}
    assert Tally.objects.filter(measure="enrolled").count() == 1


def test_covers_over_before_they_were_loaded_do_not_wait_for_the_night_to_be_settled(chaima, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as sent:
        migrate([principal(1)], by=chaima)
    assert "enrollment.settle_migrated" in [one.args[0] for one in sent]


BY_ITSELF = [
    ({"more": ["en trop"]}, "beyond"),
    ({"card": ""}, "card_missing"),
    ({"card": "12"}, "card_malformed"),
    ({"quality": "voisin"}, "quality_unknown"),
    ({"last_name_fr": ""}, "last_name_missing"),
    ({"first_name_fr": ""}, "first_name_missing"),
    ({"first_name_fr": "H4ssan"}, "name_unreadable"),
    ({"sex": "x"}, "sex_unknown"),
    ({"born_on": ""}, "birth_missing"),
    ({"born_on": "30/02/1980"}, "birth_unreadable"),
    ({"born_on": "2023"}, "birth_impossible"),
    ({"born_on": "1890"}, "birth_unreadable"),
    ({"born_on": "01/01/1890"}, "birth_impossible"),
    ({"commune": "Nulle Part"}, "commune_unknown"),
    ({"card_until": "30/11/2022"}, "card_ended"),
    ({"idcs": ""}, "idcs_missing"),
    ({"idcs": "1234567890"}, "idcs_malformed"),
    ({"idcs": number(1)[:-1] + str((int(number(1)[-1]) + 1) % 10)}, "idcs_mistyped"),
]


@pytest.mark.parametrize(("cells", "kind"), BY_ITSELF)
def test_each_defect_of_a_row_leads_where_it_should_with_its_column_and_value(chaima, cells, kind):
    made = migrate([principal(1, **cells), principal(2)], by=chaima)
    assert ends(made) == {2: kind, 3: "insured"}
    row = RamedRow.objects.get()
    assert row.outcome == DEFECTS[kind].outcome
    column = next(iter(cells))
    [problem] = row.problems
    assert problem == {"kind": kind, "column": DEFECTS[kind].column, "value": cells[column][0] if column == "more" else cells[column]}
    assert row.cells.get("idcs", "") == cells.get("idcs", number(1))
    assert moved.ramed_counts(made).holds


def test_every_defect_of_a_row_comes_back_not_only_the_first(chaima):
    migrate([principal(1, sex="?", born_on="hier", idcs="")], by=chaima)
    row = RamedRow.objects.get()
    assert (row.outcome, row.kind) == ("refused", "sex_unknown")
    assert [one["kind"] for one in row.problems] == ["sex_unknown", "birth_unreadable", "idcs_missing"]


def test_words_of_both_languages_and_other_digits_are_read(chaima):
    rows = [
        {"numéro ramed": "R0000001", "الصفة": "", "qualite": "مؤمن رئيسي", "IDCS": number(1), "nom arabe": "العلوي",
         "prénom arabe": "حسن", "sexe": "ذكر", "date de naissance": "٠٥/٠٣/١٩٧٠", "commune": "Sidi Moumen"},
    ]  # fmt: skip
    headings = [name for name in rows[0] if name != "الصفة"]
    made = migrate(as_csv(rows, headings, separator=","), by=chaima)
    cover = MigratedCover.objects.get()
    assert (made.status, cover.born_on, cover.sex, cover.name_ar, cover.commune.code) == (
        "closed",
        date(1970, 3, 5),
        "male",
        "حسن العلوي",
        SIDI_MOUMEN,
    )


WHOLE_FILE = [
    ("repeated", [principal(1), dependant(2, 1), dependant(2, 1)], {2: "insured", 3: "dependant", 4: "repeated"}),
    (
        "claimed_twice",
        [principal(1), principal(2), dependant(3, 1), dependant(3, 2)],
        {2: "insured", 3: "insured", 4: "claimed_twice", 5: "claimed_twice"},
    ),
    ("card_shared", [principal(1), principal(2, card="R0000001")], {2: "card_shared", 3: "card_shared"}),
    ("no_principal", [dependant(2, 1)], {2: "no_principal"}),
    ("over_age", [principal(1), dependant(2, 1, born_on="01/12/2001")], {2: "insured", 3: "over_age"}),
    ("a day younger", [principal(1), dependant(2, 1, born_on="02/12/2001")], {2: "insured", 3: "dependant"}),
    ("student", [principal(1), dependant(2, 1, born_on="02/12/1996", student="oui")], {2: "insured", 3: "dependant"}),
    ("old student", [principal(1), dependant(2, 1, born_on="01/12/1996", student="oui")], {2: "insured", 3: "over_age"}),
    ("disability", [principal(1), dependant(2, 1, born_on="1980", disability="نعم")], {2: "insured", 3: "dependant"}),
    ("spouse", [principal(1), dependant(2, 1, born_on="1960", relation="conjoint")], {2: "insured", 3: "dependant"}),
    ("relation_unknown", [principal(1), dependant(2, 1, relation="voisin")], {2: "insured", 3: "relation_unknown"}),
    ("principal_waits", [principal(1, idcs=""), dependant(2, 1)], {2: "idcs_missing", 3: "principal_waits"}),
    ("principal refused", [principal(1, sex=""), dependant(2, 1)], {2: "sex_unknown", 3: "principal_waits"}),
    ("dependant first", [dependant(2, 1), principal(1)], {2: "dependant", 3: "insured"}),
]


@pytest.mark.parametrize(("rows", "expected"), [case[1:] for case in WHOLE_FILE], ids=[case[0] for case in WHOLE_FILE])
def test_what_it_takes_the_whole_file_to_know(chaima, rows, expected):
    made = migrate(rows, by=chaima)
    assert ends(made) == expected
    assert made.status == "closed" and moved.ramed_counts(made).holds


def known(**answers) -> str:
    """The IDCS of somebody of the registry: Hassan Alaoui, a man born on 5 March 1970, unless said otherwise."""
    household = couple()
    Member.objects.filter(household=household, relation="head").update(
        **{"last_name_fr": "Alaoui", "first_name_fr": "Hassan", "last_name_ar": "العلوي", "first_name_ar": "حسن", "sex": "male"}
        | {"born_on": date(1970, 3, 5), "birth_precision": "day", "cover": "none"} | answers
    )  # fmt: skip
    return household.members.get(relation="head").idcs


REGISTRY = [
    ({}, {}, "insured"),
    ({}, {"last_name_fr": "El Alaoui", "first_name_fr": "Hasan"}, "insured"),
    ({}, {"last_name_fr": "", "first_name_fr": "", "last_name_ar": "العلوي", "first_name_ar": "حسن"}, "insured"),
    ({}, {"last_name_fr": "Hassan", "first_name_fr": "Alaoui"}, "insured"),
    ({}, {"last_name_fr": "Bennani"}, "other_name"),
    ({}, {"born_on": "06/03/1970"}, "other_birth"),
    ({}, {"born_on": "1970"}, "insured"),
    ({}, {"born_on": "1971"}, "other_birth"),
    ({"birth_precision": "year"}, {"born_on": "09/09/1970"}, "insured"),
    ({}, {"sex": "F"}, "other_sex"),
    ({"cover": "amo_employee"}, {}, "other_cover"),
    ({"cover": "ramed"}, {}, "insured"),
    ({"cover": "amo_employee"}, {"last_name_fr": "Bennani"}, "other_name"),
]


@pytest.mark.parametrize(("registered", "cells", "expected"), REGISTRY)
def test_the_registry_knows_a_person_as_the_file_does_or_not(chaima, registered, cells, expected):
    idcs = known(**registered)
    made = migrate([principal(1, idcs=idcs) | cells], by=chaima)
    assert ends(made) == {2: expected}


def test_dependants_of_somebody_otherwise_covered_are_set_aside_with_him(chaima):
    idcs = known(cover="amo_public")
    made = migrate([principal(1, idcs=idcs), dependant(2, 1)], by=chaima)
    assert ends(made) == {2: "other_cover", 3: "principal_aside"}
    assert moved.ramed_counts(made).aside == 2


@pytest.mark.parametrize(
    ("declared", "said", "expected"),
    [("none", "amo_employee", "other_cover"), ("none", "ramed", "insured"), ("amo_employee", "none", "insured")],
)
def test_what_a_fund_says_of_a_cover_on_the_night_comes_before_the_family_s_answer(chaima, declared, said, expected):
    idcs, details = known(cover=declared), {"scheme": "amo_employee"} if said == "none" else {}
    cnss = Agency.objects.get(code="cnss")
    VerifiedPeriod.objects.create(
        idcs=idcs, kind="cover", agency=cnss, value=said, details=details, since=NIGHT, until=date(2024, 1, 1), as_of=date(2024, 1, 1)
    )
    assert ends(migrate([principal(1, idcs=idcs)], by=chaima)) == {2: expected}


def test_somebody_already_enrolled_is_set_aside_and_those_of_the_unit_are_covered(chaima):
    household = couple()
    Enrollment.objects.create(
        program="amo_tadamon", household=household, commune=household.commune, idcs=number(1), quality="insured", status="ended",
        since=date(2023, 5, 1), until=date(2023, 6, 1),
    )  # fmt: skip
    made = migrate([principal(1), dependant(2, 1)], by=chaima)
    assert ends(made) == {2: "enrolled", 3: "dependant"}


def test_the_same_file_twice_changes_nothing(chaima, driss):
    rows = [principal(1), dependant(2, 1), principal(3, idcs="")]
    made = migrate(rows, by=chaima)
    again = migrate(rows, by=driss)
    assert again.pk == made.pk
    assert (MigratedCover.objects.count(), RamedMigration.objects.count(), MigratedMove.objects.count()) == (2, 1, 2)


def test_people_of_an_earlier_file_are_already_so_unless_with_another_principal(chaima):
    migrate([principal(1), dependant(2, 1), dependant(3, 1)], by=chaima)
    second = migrate([principal(1), dependant(2, 1), principal(4), dependant(3, 4), dependant(5, 4)], by=chaima)
    counts = moved.ramed_counts(second)
    assert (counts.covered, counts.already, counts.queued, counts.holds) == (2, 2, 1, True)
    assert ends(second) == {4: "insured", 5: "moved_elsewhere", 6: "dependant"}
    assert MigratedCover.objects.count() == 5


@pytest.mark.parametrize("workbook", [False, True])
def test_the_generators_defects_are_found_each_where_it_was_put(chaima, settings, tmp_path, workbook, capsys):
    settings.RAMED_READ, settings.RAMED_LOT = 300, 250
    path = tmp_path / ("ramed.xlsx" if workbook else "ramed.csv")
    call_command("make_ramed_file", str(path), "--principals", "700", "--defects", "9%", "--seed", "5")
    said = dict(line.split() for line in capsys.readouterr().out.splitlines()[1:])
    made = migrate(path.read_bytes(), by=chaima)
    found = {kind: count for kind, _outcome, count in moved.ramed_kinds(made)}
    assert found == {kind: int(count) for kind, count in said.items()}
    assert set(found) >= set(KINDS) and len(KINDS) == 22
    counts = moved.ramed_counts(made)
    assert made.status == "closed" and counts.holds
    assert counts.rows == counts.covered + sum(found.values())
    assert MigratedCover.objects.filter(synthetic=True).count() == counts.covered


def test_the_generator_writes_the_same_file_for_the_same_seed_and_the_share_it_is_asked(chaima):
    def made(seed):
        file = RamedFile(principals=2000, defects=0.03, seed=seed, on=NIGHT, communes=[SIDI_MOUMEN])
        return list(file), file.made

    rows, told = made(3)
    assert rows == made(3)[0] != made(4)[0]
    assert told.rows == len(rows) and told.principals == 2000
    followers = told.kinds["principal_waits"]
    assert abs((told.stopped - followers) / told.rows - 0.03) < 0.004
    numbers = Counter(row[3] for row in rows if len(row[3]) == 10)
    assert sum(count - 1 for count in numbers.values()) == told.kinds["repeated"] + told.kinds["claimed_twice"] // 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"%PDF-1.7", "ni un CSV ni un classeur"),
        (b"", "vide"),
        (b"card;quality;idcs;sex;born_on;couleur\n", "Colonnes inconnues : couleur"),
        (b"card;quality;idcs\n", "Colonnes qui manquent : sex · born_on"),
        ("card;quality;idcs;sex;né(e) le\nR1234567;principal;;F;1é".encode("cp1252"), "alphabet"),
    ],
)
def test_a_file_that_is_no_use_is_refused_with_why(chaima, content, sentence):
    with pytest.raises(Unusable, match=None) as refused:
        receive(content, by=chaima)
    assert sentence in str(refused.value)
    assert not RamedMigration.objects.exists()


def test_a_file_of_headings_alone_fails_with_its_sentence(chaima):
    made = migrate([], by=chaima)
    assert made.status == "failed" and "aucune ligne" in made.reason


def test_no_one_is_moved_on_a_day_from_which_the_score_decides(chaima):
    with pytest.raises(Unusable, match="l’indice décide"):
        receive(as_csv([principal(1)]), by=chaima, covered_from=SCORED)


@pytest.mark.parametrize("who", ["amina", "salma", "yassine"])
def test_only_administrators_move_anybody(who, request):
    with pytest.raises(Forbidden):
        receive(as_csv([principal(1)]), by=request.getfixturevalue(who))


def test_files_are_forgotten_with_what_their_stopped_rows_say_but_those_in_the_queue(chaima, settings, tmp_path):
    from django.utils import timezone

    from rsu.authentication import engine

    settings.IMPORT_KEEP_DAYS = -1
    made = migrate([principal(1, sex=""), principal(2, idcs="")], by=chaima)
    assert services.forget_ramed(at=timezone.now(), by=engine()) == 1
    assert services.forget_ramed(at=timezone.now(), by=engine()) == 0
    cells = dict(RamedRow.objects.values_list("kind", "cells"))
    assert cells["sex_unknown"] == {} and cells["idcs_missing"]["card"] == "R0000002"
    assert not list((tmp_path / "ramed").iterdir()) and made.lots.count() == 3


def test_every_heading_leads_to_one_column():
    names = ramed_names()
    for column in ramed_columns():
        for heading in (column.name, *column.headings.values()):
            assert names[folded(heading)] == column.name, heading


@given(st.integers(2 * 10**9, 10**10 - 1).map(str))
def test_the_fast_check_digit_is_the_known_one(digits):
    assert checks(digits) == verhoeff.is_valid(digits)


CELLS = st.sampled_from(
    ["", "x", "12", number(1), number(2), "R0000001", "05/03/1970", "2040", "M", "principal", "ayant droit", "enfant", "é\"';\n"]
)


@settings(max_examples=cases(12, 80), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.sampled_from([name.name for name in ramed_columns()]), CELLS), min_size=1, max_size=12))
def test_whatever_is_written_every_row_is_counted_once(chaima, spoiled):
    rows = [principal(10 + n) | cells if n % 2 else dependant(10 + n, 9 + n) | cells for n, cells in enumerate(spoiled)]
    made = migrate(rows, by=chaima)
    counts = moved.ramed_counts(made)
    assert made.status == "closed" and counts.holds and counts.rows == len(rows)
    places = sorted([*made.covers.values_list("number", flat=True), *made.unmoved.values_list("number", flat=True)])
    assert len(places) == len(set(places)) == counts.rows - counts.already
    assert RamedLot.objects.filter(migration=made).exclude(status="done").count() == 0
    assert Commune.objects.filter(code=SIDI_MOUMEN).exists() and man
