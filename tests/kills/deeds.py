"""The registry of the trial and what administrators do to it, each deed a step; settling waits until nothing is left to do."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from eligibility import queries, runs, services
from eligibility.models import Assessment, Determination, Program, Provision, Run, RunChunk
from eligibility.score import format_points
from eligibility.services.starting import STARTING
from households.models import Household
from rsu.authentication import engine
from rsu.management.loading import load
from rsu.models import User
from rsu.outbox import send
from rsu.synthesis.plan import Plan
from tests.kills.machine import Machine
from tests.kills.model import Model

DAYS = 12
"""Days without a worker before the first round."""
FORMULA, COVERS = "score.formula", "score.cover_not_counted"


class Registry:
    def __init__(self, machine: Machine, random: Random) -> None:
        self.machine, self.random, self.loads = machine, random, 0
        self.done: list[str] = []

    @property
    def today(self) -> date:
        return timezone.localdate()

    def prepare(self, households: int) -> None:
        """Families read some days ago, and a law voted that day for the days that followed."""
        for command in ("migrate", "load_geography", "load_law", "seed_personas"):
            call_command(command, verbosity=0)
        self.first = self.today - timedelta(days=DAYS)
        self._load(households, plan=False)
        ids = list(Household.objects.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(ids), 5000):
            services.assess_households(ids[start : start + 5000], on=self.first, by=engine())
        for program, after in ((Program.DIRECT_AID, 3), (Program.AMO_TADAMON, 8), (Program.DIRECT_AID, 9)):
            self._sign(program.threshold_key, self._line(), since=self.first + timedelta(days=after), on=self.first)
        self._sign(FORMULA, self._formula(), since=self.first + timedelta(days=5), on=self.first)
        self.model = Model(self.first)
        self.model.live_until(self.today)

    def check(self) -> list[str]:
        return self.model.check(self.today)

    # Deeds

    def catch_up(self) -> Iterator[None]:
        """The worker wakes up after days away: each is to be lived in its order."""
        self.done = [f"{DAYS} days caught up"]
        for _kill in range(3):
            self.machine.ask(self._nothing_left)
            yield

    def deeds(self) -> Iterator[None]:
        """What one day may bring, in any order; everything at once, then a formula rehearsed and signed."""
        self.done = []
        for deed in self.random.sample([self._move_line, self._move_line, self._read_again, self._price_again, self._load_more], 5):
            self.done.append(self.machine.ask(deed))
            yield
        if self.random.random() < 0.6:
            proposal = self.machine.ask(lambda: self._propose(FORMULA, self._formula(), since=self.today, on=self.today))
            rehearsal = self.machine.ask(lambda: services.rehearse_formula(proposal.pk, on=self.today, by=_user("chaima")))
            self.done.append("formula rehearsed")
            yield
            self.machine.until(lambda: Run.objects.filter(pk=rehearsal.pk, status="closed").exists(), what="rehearsal closed")
            self.machine.ask(lambda: self._approve(proposal.pk, self.today))
            self.done.append("formula signed")
            yield

    def _move_line(self) -> str:
        program = self.random.choice(list(Program))
        value = self._line()
        if value != queries.law(self.today).value(program.threshold_key):
            self._sign(program.threshold_key, value, since=self.today, on=self.today)
        return f"{program.value} {value}"

    def _read_again(self) -> str:
        covers = queries.law(self.today).value(COVERS)
        value = [code for code in covers if code != "amo_student"] if "amo_student" in covers else [*covers, "amo_student"]
        self._sign(COVERS, value, since=self.today, on=self.today)
        return f"{len(value)} covers"

    @transaction.atomic
    def _price_again(self) -> str:
        """Amounts may only be signed for the first of a month: the run they would ask for is planned as it is."""
        runs.lock_law_for_writing()
        runs.plan_everyone(Run.Kind.AMOUNTS, on=self.today, by=engine())
        services.call_workers()
        return "amounts"

    def _load_more(self) -> str:
        self._load(30, plan=True)
        return "load"

    @transaction.atomic
    def _load(self, households: int, *, plan: bool) -> None:
        self.loads += 1
        loaded = load(Plan(households, self.loads), seed=self.loads, on=self.today, processes=1, due_since=None)
        if plan:
            runs.lock_law_for_writing()
            runs.plan_households(loaded.first_household, loaded.last_household, law=queries.law(self.today), by=engine())
            services.call_workers()

    def _line(self) -> str:
        """On somebody's score, or a ten-millionth beside it."""
        formula = queries.law(self.today).cite(FORMULA).id
        scores = list(Assessment.objects.filter(formula_id=formula).order_by("score").values_list("score", flat=True))
        if not scores:
            scores = list(Assessment.objects.order_by("score").values_list("score", flat=True))
        return format_points(self.random.choice(scores[len(scores) // 5 :]) + self.random.choice([-1, 0, 1]))

    def _formula(self) -> dict[str, Any]:
        """The formula in force with its constants and one coefficient of each milieu moved a little."""
        value = deepcopy(queries.law(self.today).value(FORMULA))
        for milieu, code in (("urban", "U30"), ("rural", "R25")):
            value["constant"][milieu] = str(Decimal(value["constant"][milieu]) + Decimal(self.random.randint(-60, 60)) / 1000)
            row = next(row for row in value["variables"][milieu] if row["code"] == code)
            row["coefficient"] = str(Decimal(row["coefficient"]) + Decimal(self.random.randint(1, 9)) / 10_000)
        return value

    def _sign(self, key: str, value: Any, *, since: date, on: date) -> None:
        self._approve(self._propose(key, value, since=since, on=on).pk, on)

    def _propose(self, key: str, value: Any, *, since: date, on: date):
        return services.propose_provision(key=key, since=since, value=value, source="Décret", reason="Essai", on=on, by=_user("chaima"))

    def _approve(self, proposal: int, on: date) -> None:
        """Asked again after a connection was lost, it may have been signed already."""
        if not Provision.objects.filter(proposal=proposal).exists():
            services.approve_proposal(proposal, without_report="Essai", on=on, by=_user("driss"))

    # Settling

    def settle(self) -> None:
        """Everything planned is closed, no day is left to live and no answer to read."""
        self.machine.until(self._nothing_left, each=0.2, what="everything closed")

    def _nothing_left(self) -> bool:
        open_runs = Run.objects.exclude(status__in=Run.ENDED)
        if open_runs.exists():
            return False
        starting = Provision.objects.filter(key__in=STARTING, since__lte=self.today, proposal__isnull=False, runs=None)
        waiting = [*Household.objects.filter(due_since__isnull=False).values_list("pk", flat=True)[:200]]
        with transaction.atomic():
            if starting.exists() or runs.stale_day(self.today):
                send("eligibility.pass_time")
            for household in waiting:
                send("eligibility.assess_due", household)
        # Asked last: what was starting a moment ago may be a run by now.
        return not (waiting or starting.exists() or runs.stale_day(self.today) or open_runs.exists())

    def ledger(self) -> dict[str, int]:
        return {
            "households": Household.objects.count(),
            "runs": Run.objects.count(),
            "chunks": RunChunk.objects.count(),
            "again": RunChunk.objects.filter(attempts__gt=1).count(),
            "periods": Determination.objects.count(),
        }


def _user(name: str) -> User:
    return User.objects.get(username=name)
