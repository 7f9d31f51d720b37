"""A formula as a file: what is sent back is what was taken, and a refusal says which line and why."""

from copy import deepcopy

import pytest

from eligibility import formulas
from eligibility import law as legal
from eligibility.formulas import FormulaUnread, from_toml, to_toml
from eligibility.law.files import FILES

FORMULA = next(row.value for row in legal.founding() if row.key == "score.formula")
TEXT = to_toml(FORMULA)


def refused(text: str) -> list[str]:
    with pytest.raises(FormulaUnread) as refusal:
        from_toml(text)
    return refusal.value.sentences


def line_with(words: str) -> int:
    return next(number for number, line in enumerate(TEXT.splitlines(), start=1) if words in line)


def test_a_formula_written_to_a_file_is_read_back_the_same():
    assert from_toml(TEXT) == FORMULA
    told = deepcopy(FORMULA)
    told["variables"]["urban"][0]["fr"] = 'Guillemets " et \\ et\nligne'
    assert from_toml(to_toml(told)) == told


def test_the_file_the_registry_ships_is_read_as_it_is():
    shipped = legal.__path__[0] + f"/{FILES[0]}.toml"
    with open(shipped, encoding="utf-8") as file:
        assert from_toml(file.read()) == FORMULA


def test_the_founding_formula_is_far_from_the_largest_file():
    assert len(TEXT.encode()) * 4 < formulas.LARGEST


@pytest.mark.parametrize(
    ("old", "new", "words", "about"),
    [
        ('"0.0516"', '"0,0516"', '"U30"', "U30"),
        ('"0.0516"', '"250"', '"U30"', "U30"),
        ('"0.0516"', "0.0516", '"U30"', "U30"),
        ('fact = "mobile_phones"', 'fact = "phones"', '"U30"', "U30"),
        ('fact = "mobile_phones", kind = "count"', 'fact = "mobile_phones", kind = "money"', '"U30"', "U30"),
        ('code = "U30"', 'code = "U29"', '"U30"', "U29"),
        ('12 = "0.285"', '12 = "beaucoup"', '12 = "0.285"', "region.urban.12"),
        ('rural = "8.695"', 'rural = ""', 'rural = "8.695"', "constant.rural"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_its_variable(old, new, words, about):
    assert TEXT.count(old) >= 1
    sentences = refused(TEXT.replace(old, new, 1))
    assert sentences[0].startswith(f"Ligne {line_with(words)}, {about} : ") and len(sentences) == 1


@pytest.mark.parametrize(
    "item",
    ["[" * 20_000, "{a=" * 20_000, "9" * 5_000, "0x" + "9" * 5_000, '{ "12" = ' + "1" + "0" * 5_000 + " }"],
    ids=["lists", "tables", "digits", "hexadecimal digits", "digits in a table"],
)
def test_what_no_reader_can_hold_is_refused_in_words(item):
    told = refused(TEXT.replace('"0.0516"', item, 1))
    assert len(told) == 1 and "trop long ou des listes trop profondes" in told[0]


def test_tables_nested_by_their_names_are_refused_in_words():
    assert "trop profondes" in refused(f'[[provision]]\nkey = "score.formula"\nvalue{".a" * 5_000} = 1.5')[0]


def test_every_mistake_of_a_file_is_told_at_once():
    assert len(refused(TEXT.replace('"0.0516"', '"beaucoup"').replace('"-0.0104"', '"peu"'))) == 2


def test_a_missing_region_is_told_with_its_table():
    told = refused("\n".join(line for line in TEXT.splitlines() if not line.startswith("07")))
    assert len(told) == 2 and told[0].startswith(f"Ligne {line_with('region.urban')}, region.urban : ") and "07" in told[0]


@pytest.mark.parametrize(("text", "said"), [("[[provision]]\nkey = score", "Ligne 2"), ('key = "', "TOML"), ("\x00", "Ligne 1")])
def test_what_is_not_toml_is_refused_with_the_place(text, said):
    assert said in refused(text)[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "provision = 3",
        "[provision]\nkey = 'score.formula'",
        "[[provision]]\nkey = 'score.formula'",
        "[[provision]]\nkey = 'amo.dependant_age'\nvalue = 3",
        TEXT + TEXT.replace("[provision.value.labels", "[provision.value.labels"),
    ],
)
def test_a_file_without_one_formula_is_refused(text):
    assert "une seule" in refused(text)[0]


@pytest.mark.parametrize("value", ["'9.8'", "[]", "{ constant = 1, labels = 2, region = 3, variables = 4 }", "{ variables = [1] }"])
def test_a_formula_of_another_shape_is_refused_in_words(value):
    assert "rubriques" in refused(f"[[provision]]\nkey = 'score.formula'\nvalue = {value}")[0]


def test_variables_of_another_shape_are_refused_in_words():
    assert refused(TEXT.replace("urban = [", "urban = [ 3,", 1))
    assert refused(TEXT.replace('code = "U01"', 'code = ["U01"]', 1))
    assert refused(TEXT.replace('fact = "cows"', 'fact = ["cows"]', 1))
