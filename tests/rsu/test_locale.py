"""The Arabic of the pages: whole, faithful to the placeholders, compiled, and dated as Morocco dates."""

import ast
import re
from collections import Counter
from datetime import date, datetime
from itertools import chain
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import formats
from django.utils.html import strip_tags
from django.utils.translation import ngettext, override
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
FOLDER = ROOT / "rsu/locale/ar/LC_MESSAGES"
WORDS = polib.pofile(str(FOLDER / "django.po"))
MARKS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
LATIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ]+")
AS_THEY_ARE = re.compile(
    r"grant_type=client_credentials|client credentials|OAuth|RFC|JSON|UUID|POST|GET|Authorization: (Basic|Bearer)|Idempotency-Key"
    r"|Retry-After|Allow|application/json|/[a-z-]+|\b(token|answers|errors|error|confirm|confirmed|null|false)\b|members\.2\.idcs|urn:rsu:problem|\b[HML]:"
    r"|\b(in_force|butane|water_power|telecom)\b"
    r"|TOML|UTF-8|CSV|XLSX|xlsx|score\.formula|--past|--household|\b(kept_since|runs_until)\b"
)
"""What stays in Latin letters: names of protocols, and the words a partner's program or an administrator must write exactly."""


def forms(entry: polib.POEntry) -> list[str]:
    return [entry.msgstr_plural[form] for form in sorted(entry.msgstr_plural)] if entry.msgid_plural else [entry.msgstr]


def sources() -> list[Path]:
    packages = [path for name in ("rsu", "households", "eligibility", "enrollment") for path in (ROOT / name).rglob("*.py")]
    return [*packages, *(ROOT / "templates").rglob("*.html")]


def marked(path: Path) -> set[str]:
    """The sentences a file gives to gettext; a template is first read as Django's own extraction reads it."""
    text = path.read_text()
    if path.suffix == ".py":
        calls = ast.walk(ast.parse(text))
    else:
        found = re.findall(r"""\b(?:n?gettext|_)\(.*?["']\s*(?:,\s*count)?\)""", templatize(text), re.DOTALL)
        calls = chain.from_iterable(ast.walk(ast.parse(call.strip())) for call in found)
    return {
        call.args[0].value
        for call in calls
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in MARKS
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }


def test_the_catalog_holds_what_the_product_says_and_nothing_else():
    said = set().union(*(marked(path) for path in sources()))
    assert said == {entry.msgid for entry in WORDS}


def test_every_sentence_is_translated_and_none_is_a_guess():
    assert not [entry.msgid for entry in WORDS if entry.fuzzy or entry.obsolete or not all(form.strip() for form in forms(entry))]
    assert not [entry.msgid for entry in WORDS if entry.msgid_plural and len(entry.msgstr_plural) != 6]


def test_every_placeholder_is_kept():
    """None, one and two are words of their own in Arabic: there the number itself may be left unsaid."""
    wrong = []
    for entry in WORDS:
        asked = Counter(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        for number, form in enumerate(forms(entry)):
            given = Counter(PLACEHOLDER.findall(form))
            if given != asked and not (entry.msgid_plural and number < 3 and given <= asked):
                wrong.append(entry.msgid)
    assert not wrong


def test_no_french_is_left_in_an_arabic_sentence():
    spoken = {form: LATIN.findall(AS_THEY_ARE.sub(" ", PLACEHOLDER.sub(" ", form))) for entry in WORDS for form in forms(entry)}
    assert not {form: words for form, words in spoken.items() if words}
    assert not [form for form in spoken if not re.search("[\u0621-\u064a]", PLACEHOLDER.sub("", form)) and not PLACEHOLDER.search(form)]


def test_the_index_is_called_by_one_name():
    """The vocabulary's: indice, المؤشر. `score` stays a name of the law's key and of a placeholder."""
    said = {entry.msgid: re.sub(r"score\.formula", " ", PLACEHOLDER.sub(" ", f"{entry.msgid} {entry.msgid_plural}")) for entry in WORDS}
    assert not [msgid for msgid, plain in said.items() if re.search(r"\bscores?\b", plain, re.IGNORECASE)]


def test_arabic_is_written_with_its_own_marks_and_western_digits():
    assert not [form for entry in WORDS for form in forms(entry) if re.search("[?;’\u0660-\u0669\u06f0-\u06f9]", form)]


def test_the_compiled_catalog_is_that_of_the_source():
    compiled = polib.mofile(str(FOLDER / "django.mo"))
    assert {entry.msgid: forms(entry) for entry in compiled} == {entry.msgid: forms(entry) for entry in WORDS}


def test_every_plural_sentence_stands_in_the_french_catalog_in_its_two_forms():
    """Django counts as English does in a sentence no French catalog holds; the Arabic catalog holds them all."""
    folder = ROOT / "rsu/locale/fr/LC_MESSAGES"
    asked = {entry.msgid: [entry.msgid, entry.msgid_plural] for entry in WORDS if entry.msgid_plural}
    assert {entry.msgid: forms(entry) for entry in polib.pofile(str(folder / "django.po"))} == asked
    assert {entry.msgid: forms(entry) for entry in polib.mofile(str(folder / "django.mo"))} == asked


MONTHS = ("يناير", "فبراير", "مارس", "أبريل", "ماي", "يونيو", "يوليوز", "غشت", "شتنبر", "أكتوبر", "نونبر", "دجنبر")


@pytest.mark.parametrize(("number", "name"), list(enumerate(MONTHS, start=1)))
def test_months_are_those_of_morocco(number, name):
    with override("ar"):
        assert formats.date_format(date(2026, number, 3), "DATE_FORMAT") == f"3 {name} 2026"


def test_dates_and_numbers_in_arabic():
    with override("ar"):
        assert formats.date_format(datetime(2026, 11, 22, 17, 5), "DATETIME_FORMAT") == "22 نونبر 2026 17:05"
        assert formats.number_format(1250.5, 2, use_l10n=True, force_grouping=True) == "1\u202f250,50"
    with override("fr"):
        assert formats.date_format(date(2026, 11, 22), "DATE_FORMAT") == "22 novembre 2026"


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "لا أفراد"), (1, "فرد واحد"), (2, "فردان"), (3, "3 أفراد"), (11, "11 فردا"), (100, "100 فرد"), (103, "103 أفراد")],
)
def test_a_number_of_people_takes_the_form_arabic_gives_it(count, said):
    with override("ar"):
        sentence = ngettext("%(n)s personne", "%(n)s personnes", count)
    assert sentence % {"n": count} == said


@pytest.mark.parametrize(("number", "said"), [(0, "0 demande"), (1, "1 demande"), (2, "2 demandes"), (1_000_000, "1 000 000 demandes")])
def test_french_says_zero_in_the_singular(number, said):
    page = "{% load i18n rsu %}{% blocktranslate count n=n with shown=n|count %}{{ shown }} demande{% plural %}{{ shown }} demandes{% endblocktranslate %}"
    with override("fr"):
        html = Template(page).render(Context({"n": number}))
    assert strip_tags(html).replace("\u202f", " ") == said
