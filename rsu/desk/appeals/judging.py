"""How an appeal is judged, as the decider fills it: which answers are granted, from which day it is repaired, what the family is told."""

from collections.abc import Iterable, Mapping
from datetime import date

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.models import Appeal
from rsu.desk.cover_forms import DayField
from rsu.wording import day


class JudgeForm(forms.Form):
    """`claims` are (path, words) of the answers contested, boxes where there are several: all ticked at first, none means none."""

    use_required_attribute = False
    claims = forms.CharField(widget=forms.HiddenInput, required=False, initial="1")
    accepted = forms.MultipleChoiceField(
        label=gettext_lazy("Réponses accordées"), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choisissez au moins une des réponses que la famille conteste.")},
    )  # fmt: skip
    since = DayField(label=gettext_lazy("Réparer depuis le"), required=False)
    answer = forms.CharField(
        label=gettext_lazy("Réponse à la famille et ses raisons"),
        help_text=gettext_lazy("La famille la recevra telle qu’elle est écrite."),
        max_length=4000, strip=False, widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, appeal: Appeal, data=None, *, claims: Iterable[tuple[str, str]]) -> None:
        super().__init__(data, auto_id="uphold_%s", initial={"since": f"{appeal.since:%d/%m/%Y}"})
        listed = list(claims)
        if len(listed) > 1:
            self.fields["accepted"].choices = listed
            self.initial["accepted"] = [path for path, _words in listed]
        else:
            del self.fields["claims"], self.fields["accepted"]
        told = _("Le jour contesté est le %(day)s ; un jour plus tardif accueille le recours en partie.")
        self.fields["since"].help_text = told % {"day": day(appeal.since)}

    def chosen(self) -> tuple[list[str] | None, date | None] | None:
        """What is granted (None: all) and since when (None: the contested day); None where the day typed is no day."""
        if not self.is_bound:
            return None, None
        self.is_valid()
        if "since" in self.errors:
            return None
        accepted = self.data.getlist("accepted") if "accepted" in self.fields and self.data.get("claims") else None
        return accepted, self.cleaned_data.get("since")

    def unchosen(self) -> dict[str, str]:
        """What is wrong with the boxes, by field: nothing ticked where something must be."""
        return {"accepted": self.errors["accepted"][0]} if "accepted" in self.errors and self.data.get("claims") else {}

    def refuse(self, problems: Mapping[str, str]) -> None:
        """Put on the form what a service refused, beside its field, and nothing else: the words are not asked for to see an effect."""
        self.is_valid()
        wrong = self.errors.get("since")
        self.errors.clear()
        if wrong:
            self.add_error("since", list(wrong))
        for name, sentence in problems.items():
            if not (name == "since" and wrong):
                self.add_error(name if name in self.fields else None, sentence)
