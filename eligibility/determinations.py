"""Standing by score: a contiguous chain of yes and no, written only when the answer changes.

A few statements for any number of households, in the caller's transaction, the households locked before: what a same-day
or retroactive change cuts is moved to PastDetermination, the last period is closed or taken up again, and the new one
opened. The chain's foreign key is deferred; its unique keys hold after every statement.

Two provisions soften a loss, each when it is in force: inside the borderline band it waits for somebody to verify the
answers (HeldLoss); otherwise the right runs on for the months of grace. A right whose loss waits is a right: its period
stays open and the tally counts it entitled; in grace the period is closed and the tally does not.

The answer of a day depends on the answer of the day before, the score, the line and the band, and on nothing else: what
happened earlier the same day, and in what order, leaves no mark. One exception: a loss that somebody verified stays lost.
"""

from dataclasses import dataclass

from django.db import connection

from .law import Law
from .models import OPEN, Program
from .scope import Scope
from .score import entitled_sql, threshold_points

GRACE = {Program.AMO_TADAMON: "amo.grace_months", Program.DIRECT_AID: "direct_aid.grace_months"}
BANDS = {program: f"{program.value}.borderline_band" for program in Program}


@dataclass(frozen=True, slots=True)
class Flips:
    """Households whose answer changes: those that had one, and those that had none."""

    changed: list[int]
    first: list[int]

    def __len__(self) -> int:
        return len(self.changed) + len(self.first)


def determine(
    scope: Scope, *, program: Program, law: Law, run_id: int | None, reason: str, verified: bool = False, struck_off: bool = False
) -> Flips:
    """Bring the program's chain of these households in line with their current score from `law.on`; whose answer changed.

    Households without a score, or assessed after that day, are left alone. A first "no" opens a chain and asks nothing of
    enrollment; who was not entitled the day before loses nothing, and never waits. `verified`: the answers have been checked, a
    loss inside the band waits no longer. `struck_off`: whatever the score, these households have no right from that day, and no
    grace. Grace is counted in calendar months from the first day without the right: a loss on
    31 January with one month of grace runs on until 28 February (29 in a leap year), that day excluded; what was granted stays
    granted if the provision changes.
    """
    threshold = law.cite(program.threshold_key)
    points = threshold_points(threshold.value)
    parameters = {
        "program": program.value,
        "on": law.on,
        "open": OPEN,
        "formula": law.cite("score.formula").id,
        "threshold": threshold.id,
        "points": points,
        "held_to": points if verified else points + band_points(program, law),
        "grace": law.value(GRACE[program]) if law.has(GRACE[program]) and not struck_off else None,
        "run": run_id,
        "reason": reason,
        "struck_off": struck_off,
    }
    with connection.cursor() as cursor:
        flips = _flips(cursor, scope, parameters)
        if flips.first:
            narrow = scope if not flips.changed else Scope(flips.first)
            _execute(cursor, _OPEN_FIRST, narrow, parameters | {"is_first": True})
        if flips.changed:
            changed = Scope(flips.changed)
            for statement in (_COUNT_LEAVING, _CUT, _CLOSE, _OPEN, _COUNT_JOINING):
                _execute(cursor, statement, changed, parameters | {"is_first": False})
        _hold(cursor, scope, parameters)
    return flips


def band_points(program: Program, law: Law) -> int:
    """How far above the line, that distance included, a loss waits for verification, in ten-millionths; 0 where no band is in force."""
    return threshold_points(law.value(BANDS[program])) if law.has(BANDS[program]) else 0


def _execute(cursor, statement: str, scope: Scope, parameters: dict) -> None:
    wanted = "false" if parameters["struck_off"] else _KEPT if parameters["held_to"] > parameters["points"] else _UNDER
    scored = _SCORED.format(scope=scope.sql("a.household_id"), wanted=wanted)
    text = statement.format(scored=scored, scope=scope.sql("d.household_id"), facts=scope.sql("f.household_id"))
    cursor.execute(text, parameters | scope.parameters)


def _flips(cursor, scope: Scope, parameters: dict) -> Flips:
    _execute(cursor, _FLIPS, scope, parameters)
    flips = Flips([], [])
    for household, standing in cursor.fetchall():
        (flips.changed if standing else flips.first).append(household)
    return flips


def _hold(cursor, scope: Scope, parameters: dict) -> None:
    """Losses inside the band are written down once; those that are over, one way or the other, are settled.

    Where nothing waits and no band is in force, that is one look at an empty index.
    """
    cursor.execute("SELECT EXISTS (SELECT FROM eligibility_heldloss WHERE outcome = '' AND program = %(program)s)", parameters)
    if cursor.fetchone()[0]:
        _execute(cursor, _LIFT, scope, parameters)
    if parameters["held_to"] > parameters["points"] and not parameters["struck_off"]:
        _execute(cursor, _HOLD, scope, parameters)


_UNDER = entitled_sql("a.score", "%(points)s")
# Inside the band the answer of the day before goes on, unless the loss was verified. Asked of those few households alone: a
# scalar subquery is never turned into a scan of every chain.
_KEPT = f"""CASE WHEN {_UNDER} THEN true WHEN {entitled_sql("a.score", "%(held_to)s")} THEN coalesce((
        SELECT p.entitled AND NOT EXISTS (
            SELECT FROM eligibility_determination v WHERE v.household_id = p.household_id AND v.program = %(program)s
              AND v.since = %(on)s AND v.reason = 'verified')
        FROM eligibility_determination p
        WHERE p.household_id = a.household_id AND p.program = %(program)s AND p.since < %(on)s AND p."until" >= %(on)s
    ), false) ELSE false END"""
_SCORED = """
    SELECT a.household_id, a.score, a.facts_id, {wanted} AS wanted FROM eligibility_assessment a
    WHERE a.formula_id = %(formula)s AND a."on" <= %(on)s AND {scope}
"""

_STANDING = """
SELECT d.* FROM eligibility_determination d WHERE d.program = %(program)s AND d."until" = %(open)s AND {scope}
"""

# A run done late finds periods that a later day of the law has opened already: the answer of its own day is the one to compare.
# A chain that begins after that day is met by its first period.
_OF_THE_DAY = """
SELECT d.* FROM eligibility_determination d
WHERE d.program = %(program)s AND d."until" > %(on)s AND (d.since <= %(on)s OR d.previous_until IS NULL) AND {scope}
"""

_FLIPS = f"""
SELECT s.household_id, d.id IS NOT NULL FROM ({{scored}}) s
LEFT JOIN ({_OF_THE_DAY}) d ON d.household_id = s.household_id
WHERE d.entitled IS DISTINCT FROM s.wanted ORDER BY s.household_id
"""

_WAITS = "(s.wanted AND s.score > %(points)s)"

# Asked again while it waits, a loss keeps its day; its figures are those that whoever verifies must see. A run done late holds
# nothing of a right that a later day has closed.
_HOLD = f"""
INSERT INTO eligibility_heldloss AS h
    (household_id, program, "on", score, facts_id, formula_id, threshold_id, run_id, held_at, outcome, reason)
SELECT s.household_id, %(program)s, %(on)s, s.score, s.facts_id, %(formula)s, %(threshold)s, %(run)s, now(), '', ''
FROM ({{scored}}) s JOIN ({_STANDING}) d ON d.household_id = s.household_id AND d.entitled WHERE {_WAITS}
ON CONFLICT (household_id, program) WHERE outcome = '' DO UPDATE SET score = excluded.score, facts_id = excluded.facts_id,
    formula_id = excluded.formula_id, threshold_id = excluded.threshold_id
WHERE h."on" <= excluded."on" AND (h.score, h.facts_id, h.formula_id, h.threshold_id)
    IS DISTINCT FROM (excluded.score, excluded.facts_id, excluded.formula_id, excluded.threshold_id)
"""

_LIFT = f"""
UPDATE eligibility_heldloss d SET outcome = 'lifted', settled_at = now() FROM ({{scored}}) s
WHERE d.household_id = s.household_id AND d.program = %(program)s AND d.outcome = '' AND d."on" <= %(on)s AND {{scope}} AND NOT {_WAITS}
"""

_PERIOD = (
    'household_id, program, since, "until", previous_until, entitled, score, facts_id, formula_id, threshold_id, run_id, reason,'
    " determined_at, grace_until"
)

_CUT = f"""
WITH gone AS (
    DELETE FROM eligibility_determination d WHERE {{scope}} AND program = %(program)s AND since >= %(on)s
    RETURNING *
)
INSERT INTO eligibility_pastdetermination (determination_id, {_PERIOD}, cut_on, replaced_at, replaced_by_id)
SELECT id, {_PERIOD}, %(on)s, now(), %(run)s FROM gone
"""

# After the cut, one period at most reaches `on`: it ends there, or runs on again if it already said what is wanted.
_CLOSE = """
UPDATE eligibility_determination d
SET "until" = CASE WHEN d.entitled = s.wanted THEN %(open)s ELSE %(on)s END, handled = d.entitled <> s.wanted
FROM ({scored}) s
WHERE d.household_id = s.household_id AND d.program = %(program)s AND d."until" >= %(on)s AND {scope}
"""

_OPEN = f"""
INSERT INTO eligibility_determination ({_PERIOD}, handled)
SELECT s.household_id, %(program)s, %(on)s, %(open)s, b."until",
    s.wanted, s.score, s.facts_id, %(formula)s, %(threshold)s, %(run)s, %(reason)s, now(),
    CASE WHEN NOT s.wanted AND b.entitled THEN (%(on)s::date + make_interval(months => nullif(%(grace)s, 0)))::date END,
    NOT s.wanted AND %(is_first)s
FROM ({{scored}}) s
LEFT JOIN LATERAL (
    SELECT d."until", d.entitled FROM eligibility_determination d
    WHERE d.household_id = s.household_id AND d.program = %(program)s ORDER BY d."until" DESC LIMIT 1
) b ON true
WHERE b."until" IS DISTINCT FROM %(open)s
"""

_COUNTED = """
INSERT INTO eligibility_tally (measure, program, commune_id, milieu, households, people)
SELECT 'entitled', %(program)s, f.commune_id, f.milieu, {sign} * count(*), {sign} * sum(f.size)
FROM ({entitled}) d JOIN eligibility_facts f ON f.household_id = d.household_id AND {facts}
GROUP BY f.commune_id, f.milieu
"""
_ENTITLED = f"SELECT d.household_id FROM ({_STANDING}) d WHERE d.entitled"
_COUNT_LEAVING = _COUNTED.replace("{sign}", "-1").replace("{entitled}", _ENTITLED)
_COUNT_JOINING = _COUNTED.replace("{sign}", "1").replace("{entitled}", _ENTITLED)
_OPENED = "SELECT household_id FROM opened WHERE entitled"
_OPEN_FIRST = f"WITH opened AS ({_OPEN} RETURNING household_id, entitled) {_COUNTED}".replace("{sign}", "1").replace("{entitled}", _OPENED)
