"""Deeds on an appeal that go with a text: its field, its label, who reads it."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from rsu.desk.requests.forms import WordsForm

WORDS = {
    "refuse_late": ("answer", lambda: _("Réponse à la famille"), lambda: _("Dites le dernier jour du délai et le jour du dépôt.")),
    "admit": ("admitted_because", lambda: _("Pourquoi l’admettre hors délai"), lambda: _("Le dossier le garde.")),
    "complete": ("reason", lambda: _("Ce qui manque"), lambda: _("La personne qui complète le dossier le lira.")),
    "withdraw": ("reason", lambda: _("Ce que dit la famille en le retirant"), lambda: ""),
    "note": ("text", lambda: _("Remarque"), lambda: _("Pour celles et ceux qui suivent le recours ; la famille ne la reçoit pas.")),
}


def forms_of(refused: str, data, problems: Mapping[str, str]) -> dict[str, WordsForm]:
    """Each deed's form; the one refused keeps what was typed and says why."""
    forms = {}
    for deed, (name, label, who) in WORDS.items():
        form = WordsForm(name, label(), data if deed == refused else None, help_text=who(), auto_id=f"{deed}_%s")
        if deed == refused:
            form.refuse(dict(problems))
        forms[deed] = form
    return forms
