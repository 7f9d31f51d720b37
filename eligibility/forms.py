"""What administrators type: a value of the law and its source, a whole formula, a day, the reason of a refusal."""

from copy import deepcopy
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rsu import numerals, statement
from rsu.models import Milieu, Region

from . import formulas, services, values
from .law import FORMULA, MILIEUX, MONTHLY, NEVER_REPEALED
from .models import Provision
from .score import Formula

MOST_ROWS = 40
LONGEST_COUNT = 9
"""Digits of a number of rows: a longer one was typed by nobody, and Python refuses to read thousands of them."""


def day_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class CitedForm(forms.Form):
    """When a value starts, where it comes from and why; `proposed` is what it will be, once read.

    The service checks what it means; a refusal is shown beside the field it names.
    """

    since = forms.DateField(
        label=_("Premier jour d’effet"),
        help_text=_(
            "Aujourd’hui ou plus tard : une disposition ne revient pas sur des droits déjà lus. "
            "Celle qui est déjà votée pour un jour plus lointain prend le relais ce jour-là."
        ),
        widget=day_input(),
    )
    source = forms.CharField(label=_("Texte cité"), help_text=_("Décret, loi, arrêté : sa nature et son numéro."), max_length=200)
    gazette = forms.CharField(label=_("Bulletin officiel"), help_text=_("Numéro, date et page."), max_length=250, required=False)
    url = forms.URLField(
        label=_("Adresse du texte"),
        required=False,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"dir": "ltr", "placeholder": "https://"}),
    )
    reason = forms.CharField(
        label=_("Pourquoi cette valeur"), help_text=_("Gardé avec la disposition et au journal."), widget=forms.Textarea(attrs={"rows": 3})
    )
    CITATION = ("since", "source", "gazette", "url", "reason")

    def __init__(self, *args: Any, key: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.key, self.proposed = key, services.UNREAD
        if key in MONTHLY:
            self.fields["since"].help_text = _(
                "Un premier du mois, à venir ou d’aujourd’hui : un mois se paie aux montants de son premier jour."
            )

    def citation(self) -> list[forms.BoundField]:
        return [self[name] for name in self.CITATION]

    def refuse(self, problems: dict[str, str]) -> None:
        """Each sentence beside its field, or the nearest that has it; a field that could not be read keeps its own."""
        for name, sentence in problems.items():
            while name not in self.fields and "-" in name:
                name = name.rpartition("-")[0]
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, sentence)


class ProposalForm(CitedForm):
    """A value of any key but the formula; `rows` is how many bands are shown, `value` the one in force."""

    def __init__(self, data: Any = None, *, key: str, value: Any = None, initial: dict[str, Any] | None = None) -> None:
        typed = data if data is not None else (initial or {})
        self.rows = _rows_of(typed.get("rows"), values.rows_in(key, value)) if values.has_rows(key) else 0
        self.parts = values.parts_of(key)
        self.row_parts = values.row_parts(key, self.rows) if self.rows else []
        every = [*self.parts, *(part for row in self.row_parts for part in row)]
        super().__init__(data, key=key, initial=values.initial_of(every, value) | {"key": key, "rows": self.rows} | (initial or {}))
        own = {part.name: values.field_for(part, key) for part in every}
        for number, row in enumerate(self.row_parts, start=1):
            for part in row:
                words = gettext("Ligne %(number)s, %(label)s") % {"number": number, "label": part.label}
                own[part.name].label = own[part.name].widget.attrs["aria-label"] = words
        hidden = {name: forms.CharField(widget=forms.HiddenInput, required=False) for name in ("key", "rows")}
        if key not in NEVER_REPEALED:
            hidden["repeals"] = forms.BooleanField(
                label=_("Abroger : plus aucune valeur à partir de ce jour"),
                required=False,
                help_text=_("La valeur tapée est alors laissée de côté."),
            )
        self.names = list(own)
        self.fields = own | hidden | self.fields
        if typed.get("repeals"):
            for name in own:
                self.fields[name].required = False

    def value_fields(self) -> list[forms.BoundField]:
        return [self[part.name] for part in self.parts]

    def columns(self) -> list[Any]:
        """What heads each column of the rows."""
        return [part.label if part.required else gettext("%(label)s (facultatif)") % {"label": part.label} for part in self.row_parts[0]]

    def row_fields(self) -> list[list[forms.BoundField]]:
        return [[self[part.name] for part in row] for row in self.row_parts]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("repeals"):
            for name in self.names:
                self.errors.pop(name, None)
            self.proposed = None
        elif not self.errors.keys() & set(self.names):
            self.proposed = values.value_of(self.key, cleaned, self.rows)
        return cleaned


class FormulaTableForm(CitedForm):
    """Every coefficient of a formula beside the old one; codes, answers and labels stay those of `base`."""

    def __init__(self, data: Any = None, *, base: Provision, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, key=FORMULA, initial=initial)
        self.base = base
        self.fields["base"] = forms.IntegerField(widget=forms.HiddenInput, initial=base.pk)
        for path, label, text in _coefficients(base.value):
            field = values.Decimal(decimals=9, label=gettext("Nouveau coefficient : %(what)s") % {"what": label}, initial=text)
            field.widget.attrs["aria-label"] = field.label
            self.fields[services.field_of(path)] = field

    def fields_by_milieu(self) -> list[tuple[Any, list[tuple[str, Any, str, forms.BoundField]]]]:
        """(milieu, [(code, label, old figure, field)]), the regions last as in the law."""
        shown = [(Milieu(milieu), []) for milieu in MILIEUX]
        formula, regions = Formula.from_value(self.base.value), {region.pk: region for region in Region.objects.order_by("id")}
        for milieu, rows in shown:
            constant = formula.constants[milieu]
            rows.append(("", gettext("Constante"), constant.text, self[services.field_of(("constant", milieu))]))
            for position, variable in enumerate(formula.variables[milieu]):
                field = self[services.field_of(("variables", milieu, position, "coefficient"))]
                rows.append((variable.code, statement.term_label(variable), variable.text, field))
            for number, variable in formula.regions[milieu].items():
                rows.append(("", regions[number], variable.text, self[services.field_of(("region", milieu, f"{number:02d}"))]))
        return [
            (milieu.label, [(code, label, numerals.coefficient(text), field) for code, label, text, field in rows])
            for milieu, rows in shown
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        paths = [path for path, _label, _text in _coefficients(self.base.value)]
        if all(services.field_of(path) in cleaned for path in paths):
            self.proposed = deepcopy(self.base.value)
            for path in paths:
                _put(self.proposed, path, cleaned[services.field_of(path)])
        return cleaned


class FormulaTextForm(CitedForm):
    """A whole formula as a file, or as the text of one: a file that was refused comes back as text, to be corrected."""

    value = forms.CharField(
        label=_("La formule, en TOML"),
        help_text=_("Remplie par le fichier s’il y en a un. Partez de la formule en vigueur."),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 18, "dir": "ltr", "spellcheck": "false", "class": "font-monospace small"}),
    )
    file = forms.FileField(label=_("Fichier de la formule"), required=False, allow_empty_file=True)

    def __init__(self, data: Any = None, files: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        self.unread_file = ""
        sent = (files or {}).get("file")
        if sent is not None:
            data = data.copy()
            data["value"], self.unread_file = _text_of(sent)
        super().__init__(data, key=FORMULA, initial=initial)
        self.order_fields(["file", "value"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        text = cleaned.get("value", "")
        if self.unread_file:
            self.add_error("file", self.unread_file)
        elif not text.strip():
            self.add_error("file", _("Choisissez un fichier, ou écrivez la formule."))
        elif len(text) > formulas.LARGEST:
            self.add_error("value", _too_large())
        else:
            try:
                self.proposed = formulas.from_toml(text)
            except formulas.FormulaUnread as refusal:
                for sentence in refusal.sentences:
                    self.add_error("value", sentence)
        return cleaned


class RejectionForm(forms.Form):
    reason = forms.CharField(label=_("Pourquoi la rejeter"), help_text=_("Gardé au journal."), widget=forms.Textarea(attrs={"rows": 2}))


class ApprovalForm(forms.Form):
    """Asked only for a formula that has no fresh rehearsal."""

    without_report = forms.CharField(
        label=_("Pourquoi approuver sans répétition récente"),
        help_text=_("Gardé avec la proposition et au journal."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ConfirmLossForm(forms.Form):
    reason = forms.CharField(
        label=_("Ce qui a été vérifié"),
        help_text=_("Gardé au dossier et au journal. La famille peut le lire."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class DayForm(forms.Form):
    on = forms.DateField(label=_("Au jour du"), required=False, widget=day_input())


class ComparisonForm(forms.Form):
    since = forms.DateField(label=_("Entre le"), required=False, widget=day_input())
    on = forms.DateField(label=_("et le"), required=False, widget=day_input())


def _rows_of(typed: Any, otherwise: int) -> int:
    digits = str(typed or "")
    rows = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_COUNT else otherwise
    return min(max(rows, 1), MOST_ROWS)


def changed_rows(data: Any, key: str) -> dict[str, Any]:
    """What was typed with one row more, or without the row that `remove` names; nothing else is lost."""
    typed = data.dict()
    rows = _rows_of(typed.get("rows"), 1)
    removed = typed.get("remove")
    if removed is None:
        return typed | {"rows": min(rows + 1, MOST_ROWS)}
    shown = values.row_parts(key, rows)
    kept = [row for position, row in enumerate(shown) if str(position) != removed]
    for parts, source in zip(shown, kept, strict=False):
        typed |= {part.name: data.get(former.name, "") for part, former in zip(parts, source, strict=True)}
    return typed | {"rows": max(len(kept), 1)}


def _text_of(sent: Any) -> tuple[str, str]:
    """The text of a file that was sent, or why it cannot be read."""
    if sent.size > formulas.LARGEST:
        return "", str(_too_large())
    content = sent.read()
    if b"\0" in content:
        return "", gettext("Ce fichier n’est pas un texte en UTF-8 : il contient des octets nuls.")
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return "", gettext("Ce fichier n’est pas un texte en UTF-8.")


def _too_large() -> str:
    return _("Ce fichier est trop grand pour une formule : %(most)s octets au plus.") % {"most": formulas.LARGEST}


def _coefficients(value: dict[str, Any]) -> list[tuple[tuple[str | int, ...], str, str]]:
    """(path, what it is called, its figure) for every coefficient of a formula."""
    formula, found = Formula.from_value(value), []
    for milieu in MILIEUX:
        found.append((("constant", milieu), gettext("constante"), formula.constants[milieu].text))
        for position, variable in enumerate(formula.variables[milieu]):
            found.append((("variables", milieu, position, "coefficient"), variable.code, variable.text))
        for region, variable in formula.regions[milieu].items():
            found.append((("region", milieu, f"{region:02d}"), gettext("région %(number)s") % {"number": region}, variable.text))
    return found


def _put(value: Any, path: tuple[str | int, ...], item: str) -> None:
    for step in path[:-1]:
        value = value[step]
    value[path[-1]] = item
