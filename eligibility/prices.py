"""What a month of each program would cost for a household, read with its facts: budgets are simulated from these.

Direct aid depends on each child's rank and case, so the children it counts are kept as a word of one letter a child, eldest
first: `y` under six or in school, `o` out of school, `f` and `x` the same when the father is dead; a capital has a severe
disability. No word: the payee may not be paid; an empty one: no child, the flat aid. Any amounts then price any family.
Readings: derivations.md § 8 as enrollment pays it; how many persons AMO-TADAMON would insure is an estimate.
"""

from collections.abc import Mapping
from typing import Any

from .facts import years_before
from .law import Law

AMOUNTS = "direct_aid.amounts"
CONTRIBUTION = "amo_tadamon.state_contribution"

_CHILD = """
    m.born_on > %(child_after)s AND m.born_on <= %(on)s AND m.marital_status = 'single' AND m.relation NOT IN ('head', 'spouse')
    AND (m.relation IN ('child', 'grandchild') OR m.charge IN ('custody', 'kafala', 'guardian') OR EXISTS (
      SELECT FROM households_member p
      WHERE p.id IN (m.mother_id, m.father_id) AND p.household_id = m.household_id AND p.born_on <= %(adult_until)s))"""
_FAVORED = "(m.born_on > %(young_after)s OR coalesce(m.schooling <> 'no', false))"
_FATHERLESS = "(m.father_id IS NULL AND m.father_status = 'deceased' AND (m.father_died_on IS NULL OR m.father_died_on <= %(on)s))"
_CERTIFIED = "(m.disability_since IS NULL OR m.disability_since <= %(on)s) AND (m.disability_until IS NULL OR m.disability_until > %(on)s)"
_LETTER = f"""
    CASE WHEN m.disability = ANY(%(aid_disabilities)s) AND {_CERTIFIED}
      THEN CASE WHEN {_FATHERLESS} THEN CASE WHEN {_FAVORED} THEN 'F' ELSE 'X' END WHEN {_FAVORED} THEN 'Y' ELSE 'O' END
      ELSE CASE WHEN {_FATHERLESS} THEN CASE WHEN {_FAVORED} THEN 'f' ELSE 'x' END WHEN {_FAVORED} THEN 'y' ELSE 'o' END END"""
_ALLOWED_ELSEWHERE = """m.other_allowances AND m.relation IN ('head', 'spouse')
    AND (m.other_allowances_since IS NULL OR m.other_allowances_since <= %(on)s)
    AND (m.other_allowances_until IS NULL OR m.other_allowances_until > %(on)s)"""
_DEPENDENT = f"""((m.mother_id IS NOT NULL OR m.father_id IS NOT NULL OR m.relation = 'child') AND (
    m.born_on > %(dependant_after)s
    OR (m.born_on > %(student_after)s AND m.marital_status <> 'married' AND m.schooling = ANY(%(student_levels)s))
    OR (m.disability = ANY(%(cover_disabilities)s) AND {_CERTIFIED})))"""
_INSURED = f"""m.spouse_id IS NULL AND m.born_on <= %(adult_until)s AND NOT {_DEPENDENT}
    AND coalesce(m.cover <> ALL(%(excluding_covers)s), true)"""

MEMBER_COLUMNS = {
    "head_sex": "max(m.sex) FILTER (WHERE m.relation = 'head')",
    "child_letters": f"string_agg({_LETTER}, '' ORDER BY m.born_on, m.position, m.idcs) FILTER (WHERE {_CHILD})",
    "allowed_elsewhere": f"coalesce(bool_or({_ALLOWED_ELSEWHERE}), false)",
    "head_spouse": "max(m.spouse_id) FILTER (WHERE m.relation = 'head')",
    "head_nationality": "max(m.nationality) FILTER (WHERE m.relation = 'head')",
    "spouse_nationality": "max(m.nationality) FILTER (WHERE m.relation = 'spouse')",
    "insured": f"count(*) FILTER (WHERE {_INSURED})",
}
"""Beside the counts of facts.MEMBER_COUNTS, in the same aggregate."""

_PAYEE = "CASE WHEN a.head_spouse IS NULL THEN a.head_nationality ELSE a.spouse_nationality END"
HOUSEHOLD_COLUMNS = {
    "head_sex": "a.head_sex",
    "children": (
        "CASE WHEN %(aided)s AND NOT a.allowed_elsewhere"
        f" AND (%(aid_nationality)s::text IS NULL OR {_PAYEE} = %(aid_nationality)s) THEN coalesce(a.child_letters, '') END"
    ),
    "insured": "a.insured",
}
"""Not facts of the formula: a household is never refused for them."""

READ = (
    "amo.dependant_age",
    "amo.dependant_disabilities",
    "amo.student_dependant_age",
    "amo.student_levels",
    "amo_tadamon.excluding_covers",
    "direct_aid.disabilities",
    "direct_aid.nationality",
    "registration.adult_age",
)
"""Keys that the columns are read with, beside the ages of the amounts: see `parameters`."""


def parameters(law: Law) -> dict:
    """What the columns are bound with, as of the law's day; a program that is not in force yet prices nobody."""
    on, amounts = law.on, _value(law, AMOUNTS, {})
    return {
        "aided": bool(amounts),
        "child_after": years_before(on, amounts["child_under"]) if amounts else on,
        "young_after": years_before(on, amounts["young_under"]) if amounts else on,
        "adult_until": years_before(on, law.value("registration.adult_age")),
        "aid_disabilities": _value(law, "direct_aid.disabilities", []),
        "aid_nationality": _value(law, "direct_aid.nationality", None),
        "dependant_after": years_before(on, _value(law, "amo.dependant_age", 0)),
        "student_after": years_before(on, _value(law, "amo.student_dependant_age", 0)),
        "student_levels": _value(law, "amo.student_levels", []),
        "cover_disabilities": _value(law, "amo.dependant_disabilities", []),
        "excluding_covers": _value(law, "amo_tadamon.excluding_covers", []),
    }


def _value(law: Law, key: str, absent: Any) -> Any:
    return law.value(key) if law.has(key) else absent


def aid_sql(law: Law, alias: str = "f") -> str:
    """Centimes of direct aid a month for a row of facts, as a bigint expression without parameters; 0 where none is owed."""
    if not law.has(AMOUNTS):
        return "0::bigint"
    amounts, word = law.value(AMOUNTS), f"{alias}.children"
    orphans = bool(_value(law, "direct_aid.orphan_not_in_school", False))
    lines = [line for band in amounts["bands"] for line in _band(band, word, orphans)]
    lines.append(f"{int(amounts['disability_supplement'])} * {_counted(word, 'YOFX')}")
    owed = f"greatest({int(amounts['floor'])}, {' + '.join(lines)})"
    return f"(CASE WHEN {word} IS NULL THEN 0 WHEN {word} = '' THEN {int(amounts['flat_aid'])} ELSE {owed} END)::bigint"


def _band(band: Mapping[str, int], word: str, orphans: bool):
    rates = {"y": band["young_or_in_school"], "o": band["out_of_school"]}
    rates["f"] = band.get("orphan", rates["y"])
    rates["x"] = band.get("orphan", rates["o"]) if orphans else rates["o"]
    ranks = f"substr({word}, {int(band['first'])}, {int(band['last'] - band['first'] + 1)})"
    for letter, rate in rates.items():
        yield f"{int(rate)} * {_counted(ranks, letter + letter.upper())}"


def _counted(word: str, letters: str) -> str:
    """How many of these letters the word has."""
    return f"(length({word}) - length(translate({word}, '{letters}', '')))"


def month_sql(program: str, law: Law, *, aid: str, insured: str) -> str:
    """Centimes that a month of a program costs, from two SQL expressions: a household's aid, and its insured persons.

    The State pays a contribution for each insured person of AMO-TADAMON; nothing before the law has one.
    """
    if program == "direct_aid":
        return aid
    return f"{insured} * {int(_value(law, CONTRIBUTION, 0))}::bigint"
