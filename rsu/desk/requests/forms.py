"""What happened to a family, asked in the words of the counter; and what is said when a request is answered."""

from dataclasses import dataclass, field

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from households import entries
from households.entries import Unreadable
from households.models import Request

Kind, Occasion = Request.Kind, Request.Occasion


@dataclass(frozen=True)
class Deed:
    """One choice of the first page: what it is called, what it means, the request it opens and the fields it asks for."""

    label: str
    hint: str
    kind: str
    occasion: str = ""
    asks: tuple[str, ...] = ()
    only_adults: bool = field(default=False)


HAPPENED = {
    "update": Deed(
        gettext_lazy("Des réponses ont changé"),
        gettext_lazy("Un bébé est né, un travail a commencé, une facture n’est plus la même."),
        Kind.UPDATE,
    ),
    "move": Deed(
        gettext_lazy("La famille a déménagé"),
        gettext_lazy("Dans la même commune ou ailleurs dans le royaume."),
        Kind.UPDATE, Occasion.MOVE,
    ),
    "departure": Deed(
        gettext_lazy("Quelqu’un est parti"),
        gettext_lazy("Une ou plusieurs personnes ne vivent plus ici."),
        Kind.UPDATE, Occasion.DEPARTURE, ("people", "new_head"),
    ),
    "death": Deed(
        gettext_lazy("Quelqu’un est décédé"),
        gettext_lazy("Les liens de la famille en sont mis à jour."),
        Kind.UPDATE, Occasion.DEATH, ("person", "died_on", "new_head"),
    ),
    "split": Deed(
        gettext_lazy("Des membres fondent leur propre ménage"),
        gettext_lazy("Leurs réponses les suivent ; il reste à décrire leur logement."),
        Kind.UPDATE, Occasion.SPLIT, ("people", "founder", "new_head"),
    ),
    "merge": Deed(
        gettext_lazy("Deux ménages n’en font plus qu’un"),
        gettext_lazy("L’autre ménage rejoint celui-ci ; un superviseur approuve."),
        Kind.UPDATE, Occasion.MERGE, ("other",),
    ),
    "transfer": Deed(
        gettext_lazy("Quelqu’un d’un autre ménage est venu vivre ici"),
        gettext_lazy("Un mariage, un enfant confié, un parent accueilli : il quitte l’autre ménage et rejoint celui-ci le même jour."),
        Kind.UPDATE, Occasion.TRANSFER, ("other", "people", "new_head", "told"),
    ),
    "score_review": Deed(
        gettext_lazy("La famille conteste son indice"),
        gettext_lazy("Les réponses sont revues une à une."),
        Kind.SCORE_REVIEW, "", ("reason",),
    ),
    "complaint": Deed(
        gettext_lazy("La famille fait une réclamation"),
        gettext_lazy("Elle reçoit une réponse écrite ; le dossier ne change pas."),
        Kind.COMPLAINT, "", ("reason",),
    ),
    "striking_off": Deed(
        gettext_lazy("La radiation du ménage est demandée"),
        gettext_lazy("Par le chef, pour toute la famille, ou parce que plus personne n’y vit ; un superviseur approuve."),
        Kind.STRIKING_OFF, "", ("reason",),
    ),
    "striking_off_member": Deed(
        gettext_lazy("Un adulte demande sa propre radiation"),
        gettext_lazy("Lui seul quitte le registre ; un superviseur approuve."),
        Kind.STRIKING_OFF, "", ("person", "new_head", "reason"), only_adults=True,
    ),
}  # fmt: skip


EMPTIED = {
    "death": gettext_lazy("La dernière personne du ménage est décédée."),
    "departure": gettext_lazy("Plus personne ne vit dans ce ménage."),
    "split": gettext_lazy("Plus personne ne vit dans ce ménage."),
    "striking_off_member": gettext_lazy("La dernière personne du ménage demande sa radiation."),
}
"""Why a household is struck off when what happened would leave nobody in it: the first words of the reason."""


class AskForm(forms.Form):
    """Only what the chosen deed needs, or `asks` of it. `people` are (key, name) of the household, `adults` those of age."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    people = forms.MultipleChoiceField(label=gettext_lazy("De qui s’agit-il ?"), widget=forms.CheckboxSelectMultiple, required=True)
    person = forms.ChoiceField(label=gettext_lazy("De qui s’agit-il ?"), widget=forms.RadioSelect)
    died_on = forms.CharField(
        label=gettext_lazy("Jour du décès"),
        help_text=gettext_lazy("Jour, mois, année."),
        widget=forms.TextInput(attrs={"dir": "ltr", "placeholder": "05/03/2020", "autocomplete": "off"}),
    )
    founder = forms.ChoiceField(label=gettext_lazy("Qui sera chef du nouveau ménage ?"))
    new_head = forms.ChoiceField(label=gettext_lazy("Si le chef n’en fait plus partie, qui devient chef ?"), required=False)
    other = forms.CharField(
        label=gettext_lazy("Code de l’autre ménage, ou IDCS de l’un de ses membres"),
        help_text=gettext_lazy("Un ménage de votre territoire."),
        max_length=30,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "inputmode": "numeric"}),
    )
    told = forms.BooleanField(label=gettext_lazy("Le chef de l’autre ménage a été prévenu de ce départ"))
    reason = forms.CharField(
        label=gettext_lazy("Ce que dit la famille, avec ses mots"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )

    use_required_attribute = False

    def __init__(
        self, deed: Deed, *args, people: list[tuple[str, str]], adults: list[tuple[str, str]], asks: tuple[str, ...] | None = None, **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        asked = ("token", *(deed.asks if asks is None else asks))
        for name in [name for name in self.fields if name not in asked]:
            del self.fields[name]
        self.order_fields(asked)
        for name in {"people", "person", "founder", "new_head"} & self.fields.keys():
            offered = adults if deed.only_adults and name == "person" else people
            self.fields[name].choices = offered if name in ("people", "person") else [("", _("Choisir…")), *offered]
        if deed.kind == Kind.STRIKING_OFF:
            self.fields["reason"].label = _("Motif de la radiation")
        if deed.occasion == Occasion.TRANSFER:
            self._word_for_two_households()
        for name, sentence in _MISSING.items():
            if name in self.fields:
                self.fields[name].error_messages["required"] = sentence

    def _word_for_two_households(self) -> None:
        self.fields["other"].label = _("IDCS de la personne qui arrive, ou code du ménage qu’elle quitte")
        if "people" in self.fields:
            self.fields["other"].widget = forms.HiddenInput()
            self.fields["people"].label = _("Qui vient vivre ici ?")
            self.fields["new_head"].label = _("Si le chef de l’autre ménage vient aussi, qui y devient chef ?")

    def clean_died_on(self):
        try:
            return entries.day(self.cleaned_data["died_on"])
        except Unreadable as wrong:
            raise ValidationError(str(wrong)) from wrong

    def clean(self):
        """Who founds the household is one of those who leave."""
        cleaned = super().clean()
        if cleaned.get("founder") and cleaned.get("people") and cleaned["founder"] not in cleaned["people"]:
            self.add_error("founder", _("Cette personne n’est pas parmi celles qui partent."))
        return cleaned

    def leaving(self) -> tuple[str, ...]:
        """Keys of those it is about, who becomes head of a new household first."""
        cleaned = self.cleaned_data
        keys = cleaned.get("people") or [key for key in [cleaned.get("person")] if key]
        return tuple(sorted(keys, key=lambda key: key != cleaned.get("founder")))


_MISSING = {
    "people": gettext_lazy("Dites de qui il s’agit."),
    "person": gettext_lazy("Dites de qui il s’agit."),
    "died_on": gettext_lazy("Donnez le jour du décès."),
    "founder": gettext_lazy("Dites qui sera chef du nouveau ménage."),
    "other": gettext_lazy("Choisissez l’autre ménage, de votre territoire."),
    "told": gettext_lazy("Prévenez d’abord le chef de l’autre ménage : il doit savoir que cette personne le quitte."),
    "reason": gettext_lazy("Écrivez ce que la famille demande, avec ses mots."),
}


class WordsForm(forms.Form):
    """One text that goes with a deed on a request; the service says what is wrong with it."""

    use_required_attribute = False

    def __init__(self, name: str, label: str, *args, help_text: str = "", **kwargs) -> None:
        super().__init__(*args, **kwargs)
        area = forms.Textarea(attrs={"rows": 3})
        self.fields[name] = forms.CharField(label=label, help_text=help_text, max_length=4000, widget=area, strip=False)

    def refuse(self, problems: dict[str, str]) -> None:
        """Put on the form what a service refused, beside the field it is about."""
        self.is_valid()
        self.errors.clear()
        for name, sentence in problems.items():
            self.add_error(name if name in self.fields else None, sentence)
