"""What a search found becomes pairs to settle: a family recorded twice is one pair of households, anybody else a pair of people."""

from dataclasses import dataclass

from django.db import connection

_FORGET_SETTLED = """
DELETE FROM households_duplicatealike alike USING households_duplicatepair pair
WHERE pair.kind = 'people' AND pair.member_low_id = alike.member_low AND pair.member_high_id = alike.member_high
    AND pair.status = 'different' AND pair.fingerprint = alike.fingerprint
"""
"""People said to be different, whose answers that agree are still those."""

_FAMILIES = """
CREATE TEMPORARY TABLE family ON COMMIT DROP AS
WITH sided AS (
    SELECT least(household_low, household_high) AS low, greatest(household_low, household_high) AS high, probability, fingerprint,
        member_low, member_high, household_low < household_high AS straight, evidence
    FROM households_duplicatealike WHERE household_low <> household_high
), family AS (
    SELECT low, high,
        least(9999, floor(10000 * (1 - exp(sum(ln(1 - probability / 10000.0)))))) AS probability,
        md5(string_agg(fingerprint, '|' ORDER BY member_low, member_high)) AS fingerprint,
        jsonb_agg(jsonb_build_array(CASE WHEN straight THEN member_low ELSE member_high END,
            CASE WHEN straight THEN member_high ELSE member_low END, probability, evidence) ORDER BY probability DESC, member_low, member_high)
            AS people
    FROM sided GROUP BY low, high
    HAVING least(count(DISTINCT CASE WHEN straight THEN member_low ELSE member_high END),
        count(DISTINCT CASE WHEN straight THEN member_high ELSE member_low END)) > 1
)
SELECT family.*, jsonb_build_array(
    jsonb_build_object('field', 'people', 'level', 'same', 'pairs', family.people),
    jsonb_build_object('field', 'commune', 'level', CASE WHEN a.commune_id = b.commune_id THEN 'same' ELSE 'other' END),
    jsonb_build_object('field', 'phone', 'level',
        CASE WHEN a.phone = '' OR b.phone = '' THEN 'unknown' WHEN a.phone = b.phone THEN 'same' ELSE 'other' END),
    jsonb_build_object('field', 'address', 'level',
        CASE WHEN a.address = '' OR b.address = '' THEN 'unknown' WHEN lower(a.address) = lower(b.address) THEN 'same' ELSE 'other' END)
) AS evidence
FROM family JOIN households_household a ON a.id = family.low JOIN households_household b ON b.id = family.high
"""

_UNDONE = """(pair.status IN ('same_person', 'same_household') AND NOT EXISTS (
    SELECT FROM households_request r WHERE r.id = pair.request_id AND r.status IN ('draft', 'in_progress')))"""
"""Said to be one, and still two: the request that would have made it so was put aside, refused or undone."""

_AGAIN = """
    probability = excluded.probability, evidence = excluded.evidence, fingerprint = excluded.fingerprint, found_by_id = excluded.found_by_id,
    status = CASE WHEN {again} THEN 'open' ELSE pair.status END,
    earlier = CASE WHEN {again} THEN pair.earlier || jsonb_build_array(jsonb_build_object(
        'status', pair.status, 'by', pair.settled_by_id, 'at', pair.settled_at, 'reason', pair.reason)) ELSE pair.earlier END,
    settled_by_id = CASE WHEN {again} THEN NULL ELSE pair.settled_by_id END,
    settled_at = CASE WHEN {again} THEN NULL ELSE pair.settled_at END,
    request_id = CASE WHEN {again} THEN NULL ELSE pair.request_id END,
    reason = CASE WHEN {again} THEN '' ELSE pair.reason END
""".format(again=f"(pair.status = 'lapsed' OR (pair.status = 'different' AND pair.fingerprint <> excluded.fingerprint) OR {_UNDONE})")

_NEW = """(kind, status, person_key, claim_reason, reason, earlier, proposed_at, proposed_by_id, found_by_id,
    member_low_id, member_high_id, household_low_id, household_high_id, probability, evidence, fingerprint)"""
_SAID = "'open', '', '', '', '[]'::jsonb, now(), %(by)s, %(found_by)s"

_PROPOSE_FAMILIES = f"""
INSERT INTO households_duplicatepair AS pair {_NEW}
SELECT 'households', {_SAID}, NULL, NULL, low, high, probability, evidence, fingerprint FROM family
ON CONFLICT (household_low_id, household_high_id) WHERE kind = 'households' DO UPDATE SET {_AGAIN}
"""

_PROPOSE_PEOPLE = f"""
INSERT INTO households_duplicatepair AS pair {_NEW}
SELECT 'people', {_SAID}, member_low, member_high, household_low, household_high, alike.probability, alike.evidence, alike.fingerprint
FROM households_duplicatealike alike
LEFT JOIN family ON family.low = least(household_low, household_high) AND family.high = greatest(household_low, household_high)
WHERE family.low IS NULL
ON CONFLICT (member_low_id, member_high_id) WHERE kind = 'people' DO UPDATE SET
    household_low_id = excluded.household_low_id, household_high_id = excluded.household_high_id, {_AGAIN}
"""

_LAPSE = """
UPDATE households_duplicatepair SET status = 'lapsed', settled_by_id = %(by)s, settled_at = now()
WHERE status = 'open' AND kind <> 'idcs_claimed' AND found_by_id IS DISTINCT FROM %(found_by)s
"""


@dataclass(frozen=True)
class Proposed:
    """`opened`: pairs to settle after the search, those that were before included; `lapsed`: those that are alike no longer."""

    opened: int
    lapsed: int


def propose(*, found_by: int, by: int) -> Proposed:
    """The caller holds the transaction; done again, it changes nothing."""
    names = {"found_by": found_by, "by": by}
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_SETTLED)
        cursor.execute(_FAMILIES)
        for statement in (_PROPOSE_FAMILIES, _PROPOSE_PEOPLE):
            cursor.execute(statement, names)
        cursor.execute("DROP TABLE family")
        cursor.execute(_LAPSE, names)
        lapsed = cursor.rowcount
        cursor.execute("SELECT count(*) FROM households_duplicatepair WHERE status = 'open' AND found_by_id = %(found_by)s", names)
        return Proposed(cursor.fetchone()[0], lapsed)
