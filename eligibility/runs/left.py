"""What runs that were stopped or failed have left: households that keep their decision of before.

The next run that reads the same rights takes them up; until then they are counted, for whoever follows runs to see.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from ..models import Program, Run, RunChunk

ABANDONED = (RunChunk.Status.FAILED, RunChunk.Status.CANCELED)
NOT_DONE = (RunChunk.Status.WAITING, *ABANDONED)
DECIDING = (Run.Kind.THRESHOLD, Run.Kind.FORMULA, Run.Kind.READING, Run.Kind.LOAD)


def left_behind() -> QuerySet[Run]:
    """Paused runs, and runs given up or failed that none has taken up since, oldest first; `left` is how many households wait.

    Rehearsals and amounts decide nothing; birthdays that were given up are planned again by the passing of time.
    """
    paused = Q(status=Run.Status.PAUSED, kind__in=(*DECIDING, Run.Kind.TIME))
    ended = Q(status__in=(Run.Status.FAILED, Run.Status.CANCELED), kind__in=DECIDING)
    left = Sum("chunks__size", filter=Q(chunks__status__in=NOT_DONE))
    return Run.objects.filter(paused | (ended & ~_taken_up())).annotate(left=left).filter(left__gt=0).order_by("id")


def abandoned_by(program: Program) -> list[int]:
    """The runs whose abandoned households a new line of this program must take up."""
    runs = left_behind().exclude(status=Run.Status.PAUSED)
    return [*runs.filter(Q(kind=Run.Kind.THRESHOLD, program=program) | Q(kind=Run.Kind.FORMULA)).values_list("id", flat=True)]


def _taken_up() -> Q:
    """A reading of everyone repairs any run; a formula, formulas and lines; a line, formulas and those of its own program."""
    line, formula = Q(kind=Run.Kind.THRESHOLD), Q(kind=Run.Kind.FORMULA)
    return (
        Q(_since(Run.Kind.READING))
        | ((line | formula) & Q(_since(Run.Kind.FORMULA)))
        | (formula & Q(_since(Run.Kind.THRESHOLD)))
        | (line & Q(_since(Run.Kind.THRESHOLD, program=OuterRef("program"))))
    )


def _since(kind: str, **more) -> Exists:
    """A run planned once this one had ended."""
    return Exists(Run.objects.filter(id__gt=OuterRef("id"), created_at__gte=OuterRef("finished_at"), kind=kind, **more))
