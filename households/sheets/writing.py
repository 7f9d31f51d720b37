"""Files written for people: the model to fill with its dictionary of codes, and the rows refused with the reason of each."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from .columns import ARABIC, FRENCH, Column, in_both
from .reading import OURS

MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
TO_COPY = f"{OURS}code_a_recopier_si_exact"
REFUSAL = {
    f"{OURS}ligne": gettext_noop("Numéro de la ligne dans le fichier envoyé."),
    f"{OURS}colonne": gettext_noop("Nom de la colonne à corriger."),
    f"{OURS}question_fr": gettext_noop("La question de cette colonne, en français."),
    f"{OURS}question_ar": gettext_noop("La question de cette colonne, en arabe."),
    f"{OURS}valeur": gettext_noop("Ce qui était écrit dans la case."),
    f"{OURS}motif_fr": gettext_noop("Ce qui ne va pas, en français."),
    f"{OURS}motif_ar": gettext_noop("Ce qui ne va pas, en arabe."),
    TO_COPY: gettext_noop(
        "Pour une réponse rare que la famille confirme : recopiez ce code dans la colonne « Réponses rares confirmées », sans rien changer d’autre."
    ),
}
"""The columns added to refused rows, left out when the file is read again, with what each one says."""
FORMULA = tuple("=+-@\t\r")
APART = "\n"


def write_template(path: Path, columns: Sequence[Column], *, workbook: bool, dictionary: bool, language: str) -> None:
    """The headings to fill, in one language; in a workbook the dictionary is a second sheet, in CSV a file of its own."""
    headings = [column.headings[language] for column in columns]
    if workbook:
        write_workbook(path, {_("Données"): [headings], _("Codes"): dictionary_of(columns)}, rtl=language == ARABIC)
    else:
        write_rows(path, dictionary_of(columns) if dictionary else [headings])


def dictionary_of(columns: Sequence[Column]) -> list[list[str]]:
    """A line a column, then a line a code it may hold: name, French, Arabic, hints."""
    title = ["colonne", "code", "français", "العربية", "aide", "مساعدة"]
    lines = [title]
    for column in columns:
        lines.append(
            [column.name, "", column.headings[FRENCH], column.headings[ARABIC], *(column.hint.get(one, "") for one in (FRENCH, ARABIC))]
        )
        lines += [[column.name, *words, "", ""] for words in _codes(column)]
    return lines


def _codes(column: Column) -> list[tuple[str, str, str]]:
    question = column.question
    if question is None or column.name.endswith(tuple(f"_{n}" for n in (1, 2, 3))):
        return []
    if question.kind in ("yes_no", "flag") or column.name.endswith("_none"):
        return [("true", "oui", "نعم"), ("false", "non", "لا")]
    by_language = {one: dict(pairs) for one, pairs in _options(question).items()}
    return [(code, label, by_language[ARABIC][code]) for code, label in by_language[FRENCH].items()]


def _options(question) -> dict[str, list[tuple[str, str]]]:
    codes = [code for code, _label in question.options()]
    said = {code: in_both(lambda code=code: dict(question.options())[code]) for code in codes}
    return {one: [(str(code), said[code][one]) for code in codes] for one in (FRENCH, ARABIC)}


def write_refused(
    path: Path,
    headings: Sequence[str],
    rows: Iterable[tuple[Sequence[str], int, Sequence[dict]]],
    *,
    questions: Mapping[str, Mapping[str, str]],
    workbook: bool,
) -> None:
    """The sender's own columns, then what is wrong: `rows` are (cells, row in the file sent, problems).

    `questions` are the columns' headings in both languages, by their name. A workbook has its legend on a second sheet.
    """
    kept = [place for place, heading in enumerate(headings) if heading and not heading.startswith(OURS)]
    lines = _refused_lines([headings[place] for place in kept], kept, rows, questions)
    if workbook:
        write_workbook(path, {_("Refus"): lines, _("Légende"): legend()})
    else:
        write_rows(path, lines)


def legend() -> list[list[str]]:
    """A line a column of ours: its name, what it says in French and in Arabic."""
    said = {name: in_both(lambda sentence=sentence: _(sentence)) for name, sentence in REFUSAL.items()}
    return [["colonne", "français", "العربية"], *([name, words[FRENCH], words[ARABIC]] for name, words in said.items())]


def _refused_lines(headings: list[str], kept: list[int], rows, questions: Mapping) -> Iterable[list[str]]:
    yield [*headings, *REFUSAL]
    for cells, number, problems in rows:
        own = [cells[place] if place < len(cells) else "" for place in kept]
        asked = [questions.get(problem.get("column"), {}) for problem in problems]
        named = [APART.join(words.get(language, "") for words in asked) for language in (FRENCH, ARABIC)]
        column, *told = (
            APART.join(str(problem.get(name, "")) for problem in problems) for name in ("column", "value", "fr", "ar", "confirm")
        )
        yield [*own, str(number), column, *named, *told]


def write_rows(path: Path, lines: Iterable[Sequence[str]]) -> None:
    """With the mark that makes a spreadsheet read it as UTF-8, and no cell it would take for a formula."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerows([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in line] for line in lines)


def write_workbook(path: Path, sheets: dict[str, Iterable[Sequence[str]]], *, rtl: bool = False) -> None:
    book = Workbook(write_only=True)
    for title, lines in sheets.items():
        sheet = book.create_sheet(title)
        sheet.sheet_view.rightToLeft = rtl
        sheet.freeze_panes = "A2"
        for line in lines:
            sheet.append([_cell(sheet, text) for text in line])
    book.save(path)


def _cell(sheet, text: str) -> WriteOnlyCell:
    """Always text: a number keeps its zeros, and nothing is a formula."""
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type, cell.number_format = "s", "@"
    return cell
