"""Why a household's score is not what it was: its history drawn, any two of its scores compared."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

import eligibility.comparisons
import eligibility.queries
import households.queries
from eligibility.queries import Scored
from households.models import Household
from rsu import audit, explanation, score_chart
from rsu.authentication import PEOPLE, role_required
from rsu.models import Region
from rsu.score_chart import Spot, Stretch
from rsu.statement import short_name


def why(family: Household, *, on: date) -> dict:
    """For the household's file: its scores drawn against the lines of their days, and the last change in one line."""
    scores = eligibility.queries.scores_of(family, on=on)
    if len(scores) < 2:
        return {"history": None}
    spots = [Spot(scores[0].on, scores[0].score, "", None)]
    spots += [Spot(new.on, new.score, address(family, old, new), new.score - old.score) for old, new in pairwise(scores)]
    return {"history": score_chart.score_history(spots, lines(scores[0].on, on=on), today=on), "last_change": spots[-1]}


def address(family: Household, before: Scored, after: Scored) -> str:
    return f"{reverse('desk:compare', args=[family.code])}?from={before.key}&to={after.key}"


def lines(day: date, *, on: date) -> list[Stretch]:
    """Each program's line as it stood from the day to today."""
    moves = eligibility.queries.lines_since(day, on=on)
    ends = [then.since if then and then.program is one.program else on + timedelta(days=1) for one, then in _followed(moves)]
    return [
        Stretch(short_name(one.program), max(one.since, day), min(until, on), one.threshold)
        for one, until in zip(moves, ends, strict=True)
        if one.threshold is not None
    ]


def _followed(moves: list) -> list[tuple]:
    return list(zip(moves, [*moves[1:], None], strict=True))


@require_safe
@role_required(*PEOPLE)
def compare(request, code: str):
    """Two scores of one household side by side, the last two unless others are asked for; the older always stands first."""
    user, today = request.user, timezone.localdate()
    family = get_object_or_404(households.queries.households_of(user), code=code)
    scores = eligibility.queries.scores_of(family, on=today)
    context = {
        "household": family,
        "scores": list(reversed(scores)),
        "same_day": _same_day(scores),
        "head": family.members.filter(relation="head").first(),
    }
    if len(scores) > 1:
        before, after = _asked(request, scores)
        context |= {"before": before, "after": after, "compared": before != after}
        if before != after:
            found = eligibility.comparisons.compare(family, before, after)
            regions = {region.pk: region.name for region in Region.objects.all()}
            context["why"] = explanation.explained(found, regions=regions)
    audit.record(by=user, verb="read_household", household=family, subject="compare")
    return render(request, "desk/compare.html", context)


def _same_day(scores: list[Scored]) -> set[date]:
    """Days that count several scores, which only the hour tells apart."""
    days = Counter(scored.on for scored in scores)
    return {day for day, times in days.items() if times > 1}


def _asked(request, scores: list[Scored]) -> tuple[Scored, Scored]:
    """The two scores of the address, in the order of time; one that this household never had is a 404."""
    by_key = {scored.key: place for place, scored in enumerate(scores)}
    last = len(scores) - 1
    try:
        places = [by_key[request.GET.get(name) or scores[place].key] for name, place in (("from", last - 1), ("to", last))]
    except KeyError as unknown:
        raise Http404 from unknown
    return scores[min(places)], scores[max(places)]
