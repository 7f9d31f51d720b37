"""A month of direct aid, line by line, for one household or all of them: one statement, the law's figures bound into it.

Law 58-23, decree 2-23-1067. Two days matter: rates are those of the month's first day; composition, ages, schooling and
certificates are read on `read_on` (the month's reference day, or the day of submission for the month of application).

The statement is made of named steps that other modules may end differently: `lines_of` reads, `months.writing` writes,
`months.correcting` compares with what was written. `MONTH` is the last step: one row a household, its lines in arrays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.utils.timezone import get_default_timezone

from eligibility.facts import years_before
from households.verified_periods import VERIFIED, allowances_elsewhere, disability_degree, school_level, school_sector

AMOUNTS = "direct_aid.amounts"
SCHOOL_START = "direct_aid.school_start"

OTHER_ALLOWANCES = "other_allowances"
NATIONALITY = "nationality"
FINDINGS = (OTHER_ALLOWANCES, NATIONALITY)
"""Why a household within the threshold is not paid: family allowances from another scheme; a payee who is not Moroccan."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a month; `kind` is one of AllowanceLine.Kind, `amount` is in centimes."""

    household_id: int
    position: int
    kind: str
    member_id: int | None
    rank: int | None
    amount: int


_KEPT = (
    "household_id, position, idcs, relation, sex, born_on, nationality, marital_status, spouse_id, mother_id, father_id, father_status,"
    " father_died_on, charge"
)
_READ = (
    f"id, {_KEPT}, schooling, school_sector, disability, disability_since, disability_until, other_allowances, other_allowances_since,"
    " other_allowances_until, other_allowances_scheme"
)
_THEN = _READ.replace("id, household_id", "pgh_obj_id AS id, household_id", 1)
_TRUE = (
    f"m.id, m.{_KEPT.replace(', ', ', m.')}, {school_level()} AS schooling, {school_sector()} AS school_sector,"
    f" {disability_degree()} AS disability, {allowances_elsewhere()} AS other_allowances"
)
"""What is true of a member on `read_on`: what a partner verified for that day, else what the family answered."""

_HERE = "household_id = ANY(%(ids)s) AND household_id BETWEEN %(first)s AND %(last)s"
TODAY = f"""
verified AS MATERIALIZED ({VERIFIED}),
members AS MATERIALIZED (
  SELECT {_TRUE} FROM households_member m LEFT JOIN verified w ON w.idcs = m.idcs WHERE {_HERE}
)"""
THEN = f"""
verified AS MATERIALIZED ({VERIFIED}),
changed AS MATERIALIZED (
  SELECT DISTINCT ON (pgh_obj_id) {_THEN} FROM households_memberevent WHERE pgh_created_at >= %(then)s ORDER BY pgh_obj_id, pgh_created_at, pgh_id
),
people AS (
  SELECT {_READ} FROM households_member m WHERE {_HERE} AND NOT EXISTS (SELECT FROM changed c WHERE c.id = m.id)
  UNION ALL
  SELECT {_READ} FROM changed WHERE household_id = ANY(%(ids)s)
),
members AS MATERIALIZED (SELECT {_TRUE} FROM people m LEFT JOIN verified w ON w.idcs = m.idcs)"""
"""Members as they stand, or as they stood at the instant `then`: whoever has changed since is read in the row that was replaced."""

_PUPILS = """
pupils AS MATERIALIZED (
  SELECT id FROM (
    SELECT DISTINCT ON (pgh_obj_id) pgh_obj_id AS id, schooling FROM households_memberevent
    WHERE pgh_created_at >= %(summer)s ORDER BY pgh_obj_id, pgh_created_at, pgh_id
  ) e WHERE schooling <> 'no'
),"""
"""Only in summer: who went to school when it began, whatever was answered since, stays a pupil until the school year ends."""

STEPS = f"""
{{pupils}}
children AS NOT MATERIALIZED (
  SELECT m.household_id, m.id, m.idcs, m.mother_id, m.father_id, m.charge, m.relation,
    row_number() OVER (PARTITION BY m.household_id ORDER BY m.born_on, m.position, m.idcs)::int AS rank,
    m.born_on > %(young_after)s OR coalesce(m.schooling <> 'no', false) {{stays}} AS favored,
    m.father_id IS NULL AND m.father_status = 'deceased'
      AND (m.father_died_on IS NULL OR m.father_died_on <= %(read_on)s) AS fatherless,
    coalesce(m.disability = ANY(%(disabilities)s), false) AS disabled,
    {{school}} AS school
  FROM members m
  WHERE m.born_on > %(child_after)s AND m.born_on <= %(read_on)s
    AND m.marital_status = 'single' AND m.relation NOT IN ('head', 'spouse')
    AND (m.relation IN ('child', 'grandchild') OR m.charge IN ('custody', 'kafala', 'guardian') OR EXISTS (
      SELECT FROM households_member p
      WHERE p.id IN (m.mother_id, m.father_id) AND p.household_id = m.household_id AND p.born_on <= %(adult_until)s
    ))
),
rated AS NOT MATERIALIZED (
  SELECT household_id, id, rank, disabled, school, relation, charge, CASE
    WHEN rank > %(ranks_counted)s THEN NULL
    WHEN fatherless AND (%(orphan)s::int[])[rank] IS NOT NULL AND (favored OR %(orphan_not_in_school)s) THEN 'orphan'
    WHEN favored THEN 'child' ELSE 'child_not_in_school' END AS kind
  FROM children
),
priced AS NOT MATERIALIZED (
  SELECT *, CASE kind WHEN 'orphan' THEN (%(orphan)s::int[])[rank] WHEN 'child' THEN (%(favored)s::int[])[rank]
    WHEN 'child_not_in_school' THEN (%(out_of_school)s::int[])[rank] END AS amount
  FROM rated
),
-- Ranking has put the children of a household in order; grouping keeps it, the same in every array.
families AS MATERIALIZED (
  SELECT household_id,
    array_agg(kind) FILTER (WHERE kind IS NOT NULL) AS kinds, array_agg(id) FILTER (WHERE kind IS NOT NULL) AS members,
    array_agg(rank) FILTER (WHERE kind IS NOT NULL) AS ranks, array_agg(amount) FILTER (WHERE kind IS NOT NULL) AS amounts,
    array_agg(id) FILTER (WHERE disabled) AS disabled, array_agg(rank) FILTER (WHERE disabled) AS disabled_ranks,
    {{school_arrays}}
    coalesce(sum(amount), 0)::int + %(disability_supplement)s * (count(*) FILTER (WHERE disabled))::int AS reached,
    count(*) FILTER (WHERE relation = 'child' OR charge IN ('mother', 'custody'))::int AS in_custody,
    bool_or(charge = 'kafala') AS in_kafala, bool_or(charge = 'guardian') AS in_guard
  FROM priced GROUP BY household_id
),
adults AS MATERIALIZED (
  SELECT m.household_id, m.id, m.idcs, m.nationality, m.relation, m.position, m.sex = 'male' AND m.marital_status = 'married' AS husband,
    m.other_allowances AS paid_elsewhere
  FROM members m WHERE m.relation IN ('head', 'spouse')
),
elsewhere AS MATERIALIZED (SELECT household_id, id, spouse_id FROM members WHERE other_allowances),
-- Someone else of the household whose child counts here: a sister with her son, a widowed daughter with hers. Who is paid
-- elsewhere is asked of a hashed list, never of all the members once a parent: a chunk twice as large would cost four times as much.
parents AS MATERIALIZED (
  SELECT p.household_id, p.id, p.idcs, p.nationality, p.relation, p.position, count(*)::int AS in_custody,
    p.id IN (SELECT id FROM elsewhere)
      OR (p.household_id, coalesce(p.spouse_id, 0)) IN (SELECT household_id, id FROM elsewhere)
      OR (p.household_id, p.id) IN (SELECT household_id, spouse_id FROM elsewhere WHERE spouse_id IS NOT NULL) AS paid_elsewhere
  FROM members c CROSS JOIN LATERAL unnest(ARRAY[c.mother_id, c.father_id]) AS parent
  JOIN households_member p ON p.id = parent AND p.household_id = c.household_id
  WHERE c.relation NOT IN ('head', 'spouse', 'child') AND coalesce(c.charge, 'mother') IN ('mother', 'custody')
    AND c.born_on > %(child_after)s AND c.born_on <= %(read_on)s AND c.marital_status = 'single'
    AND p.relation NOT IN ('head', 'spouse') AND p.born_on <= %(adult_until)s
  GROUP BY p.id
),
payees AS MATERIALIZED (
  SELECT DISTINCT ON (household_id) household_id, id, idcs, nationality, relation, paid_elsewhere FROM (
    SELECT a.household_id, a.id, a.idcs, a.nationality, a.relation, a.position, a.paid_elsewhere, f.in_custody, CASE
      WHEN a.husband THEN %(husband)s WHEN f.in_custody > 0 THEN %(custody)s WHEN f.in_kafala THEN %(kafala)s WHEN f.in_guard THEN %(guardian)s
      WHEN a.relation = 'head' THEN 90 ELSE 91 END AS turn
    FROM adults a LEFT JOIN families f ON f.household_id = a.household_id
    UNION ALL
    SELECT household_id, id, idcs, nationality, relation, position, paid_elsewhere, in_custody, %(custody)s FROM parents
  ) c ORDER BY household_id, turn, in_custody DESC NULLS LAST, relation <> 'head', position
),
forbidden AS MATERIALIZED (SELECT DISTINCT household_id FROM adults WHERE paid_elsewhere),
month AS NOT MATERIALIZED (
  SELECT w.*, coalesce(p.id, e.id) AS payee_id, coalesce(p.idcs, e.idcs) AS payee_idcs, CASE
      WHEN coalesce(p.id, e.id) IS NULL THEN 'empty'
      WHEN coalesce(p.nationality, e.nationality) <> %(nationality)s THEN '{NATIONALITY}'
      WHEN CASE WHEN p.relation IN ('head', 'spouse') THEN b.household_id IS NOT NULL ELSE p.paid_elsewhere END THEN '{OTHER_ALLOWANCES}'
    END AS finding,
    {{kinds}} AS kinds,
    {{members}} AS members,
    {{ranks}} AS ranks,
    {{amounts}} AS amounts,
    {{provisions}} AS provisions,
    CASE WHEN f.household_id IS NULL THEN %(flat_aid)s ELSE greatest(f.reached, %(floor)s) END {{school_sum}} AS amount
  FROM wanted w
  LEFT JOIN families f ON f.household_id = w.household_id
  LEFT JOIN payees p ON p.household_id = w.household_id
  LEFT JOIN forbidden b ON b.household_id = w.household_id
  -- Nobody at the head and no spouse: the eldest receives until the family has named someone.
  LEFT JOIN LATERAL (
    SELECT m.id, m.idcs, m.nationality FROM households_member m WHERE p.id IS NULL AND m.household_id = w.household_id
    ORDER BY m.born_on, m.position LIMIT 1
  ) e ON p.id IS NULL
)"""
_ARRAY = """CASE WHEN f.household_id IS NULL THEN {flat}
      WHEN f.disabled IS NULL THEN CASE WHEN f.reached < %(floor)s THEN coalesce(f.{name}, '{{}}') || {floor} ELSE f.{name} END
      ELSE coalesce(f.{name}, '{{}}') || {disabled} || CASE WHEN f.reached < %(floor)s THEN {floor} ELSE '{{}}' END END{school}"""
"""One array of the lines: the flat aid, or the children, then the supplements, then what completes the floor."""
_DISABLED = "array_fill({}, ARRAY[cardinality(f.disabled)])"


def _arrays(*, school: bool) -> dict[str, str]:
    """The four arrays of a month; with September's, the grants at the end."""
    grants = "array_fill('school_start'::text, ARRAY[cardinality(f.school_members)])"
    parts = {
        "kinds": ("'{flat}'::text[]", "'{floor}'::text[]", _DISABLED.format("'disability'::text"), grants),
        "members": ("'{NULL}'::bigint[]", "'{NULL}'::bigint[]", "f.disabled", "f.school_members"),
        "ranks": ("'{NULL}'::int[]", "'{NULL}'::int[]", "f.disabled_ranks", "f.school_ranks"),
        "amounts": (
            "ARRAY[%(flat_aid)s]",
            "ARRAY[%(floor)s - f.reached]",
            _DISABLED.format("%(disability_supplement)s"),
            "f.school_amounts",
        ),
    }
    ended = {
        name: f" || CASE WHEN f.school_members IS NULL THEN '{{}}' ELSE {grant} END" if school else ""
        for name, (_flat, _floor, _disabled, grant) in parts.items()
    }
    return {
        name: ("(" if school else "")
        + _ARRAY.format(name=name, flat=flat, floor=floor, disabled=disabled, school=")" + ended[name] if school else "")
        for name, (flat, floor, disabled, _grant) in parts.items()
    }


_NO_SCHOOL = {"school": "NULL::int", "school_arrays": "", "school_sum": "", "provisions": "NULL::int[]", **_arrays(school=False)}
_SCHOOL = {
    **_arrays(school=True),
    "school": """CASE WHEN m.school_sector = %(school_sector)s AND NOT EXISTS (
      SELECT FROM enrollment_schoolgrant g WHERE g.idcs = m.idcs AND g.year = %(school_year)s AND g.household_id <> m.household_id
    ) THEN (%(school_levels)s::jsonb ->> m.schooling)::int END""",
    "school_arrays": """array_agg(id) FILTER (WHERE school > 0 AND rank <= %(school_ranks)s) AS school_members,
    array_agg(rank) FILTER (WHERE school > 0 AND rank <= %(school_ranks)s) AS school_ranks,
    array_agg(school) FILTER (WHERE school > 0 AND rank <= %(school_ranks)s) AS school_amounts,
    coalesce(sum(school) FILTER (WHERE rank <= %(school_ranks)s), 0)::int AS school_sum,""",
    "school_sum": "+ coalesce(f.school_sum, 0)",
    "provisions": """CASE WHEN f.school_members IS NOT NULL THEN
      array_fill(NULL::int, ARRAY[coalesce(cardinality(f.members), 0) + coalesce(cardinality(f.disabled), 0) + (f.reached < %(floor)s)::int])
        || array_fill(%(school_provision)s::int, ARRAY[cardinality(f.school_members)]) END""",
}
_SUPPOSED = "wanted AS (SELECT unnest(%(ids)s::bigint[]) AS household_id)"
_UNNESTED = "CROSS JOIN LATERAL unnest(kinds, members, ranks, amounts) WITH ORDINALITY AS l(kind, member_id, rank, amount, position)"


def steps(wanted: str, parameters: dict) -> str:
    """The statement up to `month`, for the households of the step `wanted`, whose right it alone knows."""
    school = _SCHOOL if "school_levels" in parameters else _NO_SCHOOL
    summer = parameters.get("summer")
    stays = "OR (m.schooling = 'no' AND m.id IN (SELECT id FROM pupils))" if summer else ""
    filled = STEPS.format(pupils=_PUPILS if summer else "", stays=stays, **school)
    return f"WITH {THEN if parameters['then'] else TODAY}, {wanted}, {filled}"


def parameters_of(ids: Sequence[int], *, month: date, read_on: date, law, then: datetime | None = None) -> dict:
    """`law` is the law of the month's first day; raises NotInForce before the aid exists. `then` reads the families as of an instant."""
    if month.day != 1 or law.on != month:
        raise ValueError(f"a month is read under the law of its first day, not {month} under {law.on}")
    amounts = law.value(AMOUNTS)
    order = law.value("direct_aid.payee_order")
    return {
        "ids": list(ids),
        "first": min(ids, default=0),
        "last": max(ids, default=0),
        "month": month,
        "read_on": read_on,
        "then": then,
        "child_after": years_before(read_on, amounts["child_under"]),
        "young_after": years_before(read_on, amounts["young_under"]),
        "adult_until": years_before(read_on, law.value("registration.adult_age")),
        **_rates(amounts),
        "ranks_counted": amounts["ranks_counted"],
        "disabilities": list(law.value("direct_aid.disabilities")),
        "disability_supplement": amounts["disability_supplement"],
        "floor": amounts["floor"],
        "flat_aid": amounts["flat_aid"],
        "orphan_not_in_school": law.has("direct_aid.orphan_not_in_school") and law.value("direct_aid.orphan_not_in_school"),
        "nationality": law.value("direct_aid.nationality") if law.has("direct_aid.nationality") else None,
        "provision": law.cite(AMOUNTS).id,
        **{who: order.index(who) + 1 if who in order else 80 for who in ("husband", "custody", "kafala", "guardian")},
        "summer": _summer(read_on, law),
        **_school_start(month, law),
    }


def _rates(amounts: dict) -> dict:
    """Each rate by rank, the first at 1 as PostgreSQL counts."""
    ranks = [
        next(band for band in amounts["bands"] if band["first"] <= rank <= band["last"]) for rank in range(1, amounts["ranks_counted"] + 1)
    ]
    names = {"favored": "young_or_in_school", "out_of_school": "out_of_school", "orphan": "orphan"}
    return {name: [band.get(key) for band in ranks] for name, key in names.items()}


def _summer(read_on: date, law) -> date | None:
    """First day of the summer that `read_on` falls in: what school was then holds until the school year ends."""
    if not (law.has("direct_aid.summer_starts") and law.has("direct_aid.school_year_ends")):
        return None
    first, last = (_in_year(read_on, law.value(f"direct_aid.{key}")) for key in ("summer_starts", "school_year_ends"))
    return first if first < read_on <= last else None


def _in_year(of: date, month_day: str) -> date:
    return date(of.year, *map(int, month_day.split("-")))


def _school_start(month: date, law) -> dict:
    """What the grant adds to the month it is paid with; nothing in the others."""
    if not law.has(SCHOOL_START):
        return {}
    grant = law.value(SCHOOL_START)
    if month.month != grant["month"]:
        return {}
    levels = ", ".join(f'"{level}": {grant[level]}' for level in ("primary", "lower_secondary", "upper_secondary"))
    return {
        "school_levels": f"{{{levels}}}",
        "school_sector": grant["sector"],
        "school_ranks": grant["ranks_counted"],
        "school_year": month.year,
        "school_provision": law.cite(SCHOOL_START).id,
    }


def reference_day(month: date, law) -> date:
    """The day of the month on which families are read."""
    return month.replace(day=law.value("direct_aid.reference_day"))


def end_of(day: date) -> datetime:
    """The instant at which a day is over, where the families live."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), get_default_timezone())


def fetch(sql: str, parameters: dict) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def allowance_lines(ids: Sequence[int], *, month: date, read_on: date, law, then: datetime | None = None) -> list[Line]:
    """The lines of a month for these households, in order, their right supposed open; a household with a finding has none."""
    parameters = parameters_of(ids, month=month, read_on=read_on, law=law, then=then)
    return [Line(*row) for row in fetch(f"{lines_statement(parameters)} ORDER BY 1, 2", parameters)]


def lines_statement(parameters: dict) -> str:
    """The columns of Line for the households of `ids`, each right supposed open; also a step of what is only foreseen."""
    columns = "household_id, l.position::int AS position, l.kind, l.member_id, l.rank, l.amount"
    return f"{steps(_SUPPOSED, parameters)} SELECT {columns} FROM month {_UNNESTED} WHERE finding IS NULL"


def allowance_findings(ids: Sequence[int], *, month: date, read_on: date, law) -> list[tuple[int, str, int]]:
    """(household, one of FINDINGS, payee) for each reason not to pay."""
    parameters = parameters_of(ids, month=month, read_on=read_on, law=law)
    statement = (
        f"{steps(_SUPPOSED, parameters)} SELECT household_id, finding, payee_id FROM month WHERE finding = ANY(%(findings)s) ORDER BY 1"
    )
    return fetch(statement, parameters | {"findings": list(FINDINGS)})
