"""Possible duplicates: the list of those to settle, and the page where one is, the two files side by side."""

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from households import drafts
from households.declaration import read_person
from households.duplicates import apart, pairs
from households.models import DuplicatePair, DuplicatePass, Household, Member, Request
from households.permissions import mark_own
from households.services import PairRefused, RequestRefused
from rsu import audit, wording
from rsu.authentication import role_required
from rsu.permissions import communes_of, may_role

from . import pairing

READERS = ("caseworker", "supervisor", "auditor")
SETTLERS = ("supervisor",)
PAGE = 25
LEAST = (5000, 7500, 9000, 9900)
"""Probabilities one may filter by, in ten-thousandths."""


@require_safe
@role_required(*READERS)
def duplicates(request):
    """What is to settle in the area, claims first, then the likeliest."""
    kind, least, commune = (request.GET.get(name, "") for name in ("kind", "least", "commune"))
    number = int(least) if least.isdecimal() and int(least) in LEAST else 0
    offered = list(communes_of(request.user).order_by("id")) if request.user.area_level in ("province", "commune") else []
    chosen = next((one.pk for one in offered if one.code == commune), None)
    rows = pairs.to_settle(request.user, kind=kind, commune=chosen, least=number)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    mark_own(request.user, [side for pair in page.object_list for side in (pair.household_low, pair.household_high) if side])
    context = {
        "page": page,
        "kinds": DuplicatePair.Kind.choices,
        "kind": kind,
        "least": number,
        "leasts": LEAST,
        "communes": offered if len(offered) > 1 else [],
        "commune": commune,
        "counts": pairs.counts(request.user),
        "last": DuplicatePass.objects.filter(status=DuplicatePass.Status.DONE).first(),
    }
    return render(request, "desk/duplicates.html", context)


@dataclass(frozen=True)
class Row:
    """One answer of both sides; `same` is None where one of them is not known."""

    label: str
    low: str
    high: str
    number: bool = False

    @property
    def same(self) -> bool | None:
        return None if not self.low or not self.high else self.low == self.high


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*READERS)
def duplicate(request, pk: int):
    """One pair. `?choice=…&side=…` shows what a choice would do; a POST makes it."""
    pair = get_object_or_404(pairs.pairs_of(request.user), pk=pk)
    refused: dict[str, str] = {}
    if request.method == "POST":
        answered = _settle(request, pair, refused)
        if answered is not None:
            return answered
        pair = pairs.pairs_of(request.user).get(pk=pk)  # settled meanwhile, or just now by a request that could not be applied
    else:
        for side in filter(None, {pair.household_low_id, pair.household_high_id}):
            audit.record(by=request.user, verb="read_household", household=side, subject=f"duplicate:{pair.pk}")
    may_settle = may_role(request.user, *SETTLERS) and pair.is_open
    asked = request.POST if request.method == "POST" else request.GET
    choice = _choice(asked) if may_settle else None
    context = {
        "pair": pair,
        "rows": _rows(pair, request.law, on=timezone.localdate()),
        "alike": pairs.alike(pair),
        "apart": apart.said_of(pair),
        "reasons": pairs.reasons(pair.evidence),
        "may_settle": may_settle,
        "choice": choice,
        "foreseen": _foreseen(request, pair, choice, refused) if choice and choice.name != "different" else None,
        "heads": _heads(pair, choice),
        "refused": refused,
        "reason": request.POST.get("reason", ""),
        "token": request.POST.get("token") or uuid.uuid4(),
        "sides": _sides(pair),
        "on": timezone.localdate(),
    }
    return render(request, "desk/duplicate.html", context, status=422 if request.method == "POST" else 200)


@dataclass(frozen=True)
class Choice:
    """What was chosen: `side` is the record that leaves, or the household that is kept."""

    name: str
    side: int | None
    new_head: int | None


def _choice(asked) -> Choice | None:
    name, side, head = (asked.get(key, "") for key in ("choice", "side", "new_head"))
    if name not in ("different", "same_person", "same_household"):
        return None
    return Choice(name, int(side) if side.isdecimal() else None, int(head) if head.isdecimal() else None)


def _settle(request, pair: DuplicatePair, refused: dict[str, str]):
    """The answer to a POST, or None with what is wrong in `refused`."""
    choice, on = _choice(request.POST), timezone.localdate()
    common = {"pair_id": pair.pk, "reason": request.POST.get("reason", ""), "on": on, "by": request.user}
    try:
        token = uuid.UUID(request.POST.get("token", ""))
    except ValueError:
        token = uuid.uuid4()
    try:
        if choice is None:
            raise PairRefused(_("Choisissez une des réponses proposées."), "choice")
        if choice.name == "different" or pair.kind == DuplicatePair.Kind.IDCS_CLAIMED:
            return _told(request, pairing.answered(status=choice.name, **common))
        if choice.name == "same_person":
            return _done(request, pairing.same_person(leaves=choice.side or 0, new_head=choice.new_head, token=token, **common))
        return _done(request, pairing.same_household(kept=choice.side or 0, token=token, **common))
    except PairRefused as refusal:
        refused[refusal.field] = str(refusal)
    except RequestRefused as refusal:
        refused |= refusal.problems
    return None


def _told(request, settlement):
    if settlement.already:
        messages.warning(request, _already(settlement.pair))
        return redirect("desk:duplicate", settlement.pair.pk)
    messages.success(request, _("La réponse est gardée avec son motif."))
    return redirect("desk:duplicates")


def _done(request, done: pairing.Done):
    if done.settlement.already or done.request is None:
        return _told(request, done.settlement)
    sentences = {
        Request.Status.PROCESSED: _("C’est fait : le registre est à jour. La demande peut encore être annulée."),
        Request.Status.IN_PROGRESS: _("La demande est prête ; elle attend la signature d’un second superviseur."),
    }
    left = _("La demande est préparée : il reste des réponses à donner avant de l’envoyer.")
    messages.success(request, sentences.get(done.request.status, left))
    return redirect("desk:duplicate", done.settlement.pair.pk)


def _already(pair: DuplicatePair) -> str:
    told = _("Cette paire avait déjà été réglée par %(who)s le %(day)s ; ce que vous venez de dire n’est pas gardé.")
    return told % {"who": pair.settled_by, "day": wording.day(timezone.localtime(pair.settled_at).date())}


def _foreseen(request, pair: DuplicatePair, choice: Choice, refused: dict[str, str]):
    if pair.kind == DuplicatePair.Kind.IDCS_CLAIMED or choice.side is None:
        return None
    try:
        return pairing.foresee(
            pair,
            choice=choice.name,
            side=choice.side,
            new_head=choice.new_head,
            token=uuid.uuid4(),
            on=timezone.localdate(),
            by=request.user,
        )
    except PairRefused as refusal:
        refused.setdefault(refusal.field, str(refusal))
    except RequestRefused as refusal:
        for field, sentence in refusal.problems.items():
            refused.setdefault(field, sentence)
    return None


def _sides(pair: DuplicatePair) -> list[tuple[int, Member | None, Household]]:
    """(number to choose, the person if there is one, their household), for each side that is in the registry."""
    if pair.kind == DuplicatePair.Kind.PEOPLE:
        return [(pair.member_low_id, pair.member_low, pair.household_low), (pair.member_high_id, pair.member_high, pair.household_high)]
    return [(one.pk, None, one) for one in (pair.household_low, pair.household_high) if one]


def _heads(pair: DuplicatePair, choice: Choice | None) -> list[Member]:
    """Who may become head, when the record that leaves is a head with others under the same roof."""
    if choice is None or choice.name != "same_person" or pair.kind != DuplicatePair.Kind.PEOPLE:
        return []
    gone = next((member for member in (pair.member_low, pair.member_high) if member and member.pk == choice.side), None)
    return pairing.members_left(gone.household, gone.pk) if gone and gone.relation == "head" else []


def _rows(pair: DuplicatePair, law, *, on) -> list[Row]:
    homes = [_home(one) for one in (pair.household_low, pair.household_high)]
    if pair.kind == DuplicatePair.Kind.HOUSEHOLDS:
        people = [str(len(one.members.all())) for one in (pair.household_low, pair.household_high)]
        return [Row(_("Personnes"), *people), *(Row(label, *values) for label, *values in zip(_home_labels(), *homes, strict=True))]
    low = _person(pair.member_low)
    claimed = pair.kind == DuplicatePair.Kind.IDCS_CLAIMED
    high = _claimant(pair, law, on=on) if claimed else _person(pair.member_high)
    rows = [
        Row(label, *values, number=place in (2, 3)) for place, (label, *values) in enumerate(zip(_person_labels(), low, high, strict=True))
    ]
    if not claimed:
        rows += [Row(label, *values) for label, *values in zip(_home_labels(), *homes, strict=True)]
    return rows


def _person_labels() -> tuple:
    return (_("Nom"), _("Nom en arabe"), _("IDCS"), _("CIN"), _("Naissance"), _("Sexe"), _("Lien avec le chef"), _("Mère"), _("Père"))


def _home_labels() -> tuple:
    return (_("Commune"), _("Adresse"), _("Téléphone"), _("Enregistré le"))


def _person(member: Member | None) -> tuple[str, ...]:
    if member is None:
        return ("",) * 9
    arabic = f"{member.first_name_ar} {member.last_name_ar}".strip()
    born = wording.day(member.born_on) if member.birth_precision == "day" else str(member.born_on.year)
    parents = [str(one) if one else "" for one in (member.mother, member.father)]
    return (
        member.name_fr, arabic, member.idcs, member.cin, born, str(member.get_sex_display()), str(member.get_relation_display()), *parents
    )  # fmt: skip


def _home(household: Household | None) -> tuple[str, ...]:
    if household is None:
        return ("",) * 4
    return (str(household.commune), household.address, household.phone, wording.day(household.registered_on))


def _claimant(pair: DuplicatePair, law, *, on) -> tuple[str, ...]:
    """What the draft says of the person who claims the IDCS, and nothing else of that family."""
    position = drafts.position_of(pair.request.answers, pair.person_key)
    if position is None:
        return ("",) * 9
    people = drafts.people(pair.request.answers)
    values, _problems = read_person(people[position - 1], position=position, size=len(people), milieu=None, on=on, law=law)
    known = ("first_name_fr", "last_name_fr", "first_name_ar", "last_name_ar", "idcs", "cin", "born_on", "birth_precision", "sex")
    member = Member(**{name: values[name] for name in known if name in values})
    if member.born_on is None:
        return (member.name_fr, "", member.idcs, member.cin, "", str(member.get_sex_display()), "", "", "")
    return (*_person(member)[:6], "", "", "")
