"""A registry that a former bench kept: its families stay, everything that was read, decided or voted since is gone."""

from django.db import connection, transaction

from eligibility.models import Provision
from eligibility.runs.rehearsals import table_of
from households.models import Household, Member, Request

EMPTIED = (
    "eligibility_facts", "eligibility_pastfacts", "eligibility_refusal", "eligibility_assessment", "eligibility_pastassessment",
    "eligibility_determination", "eligibility_pastdetermination", "eligibility_heldloss", "eligibility_tally", "eligibility_scoretally",
    "eligibility_transition", "eligibility_losingfamily", "eligibility_runchunk", "eligibility_run", "rsu_auditevent", "rsu_auditseal",
    "enrollment_enrollmentmove", "enrollment_birthclaim", "enrollment_dueline", "enrollment_correction", "enrollment_overpayment",
    "enrollment_schoolgrant", "enrollment_monthtally", "enrollment_monthchunk", "enrollment_monthrun", "enrollment_suspension",
    "enrollment_allowance", "enrollment_enrollment", "enrollment_unit",
)  # fmt: skip


@transaction.atomic
def reset() -> None:
    """Append-only tables are emptied: only a database that measures may forget."""
    voted = list(Provision.objects.filter(proposal__isnull=False).values_list("pk", "key"))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f"TRUNCATE {', '.join(EMPTIED)}")
        for table in [table_of(pk) for pk, key in voted if key == "score.formula"]:
            cursor.execute(f"DROP TABLE {table}")
        cursor.execute("DELETE FROM eligibility_provision WHERE proposal_id IS NOT NULL")
        cursor.execute("DELETE FROM eligibility_proposal")
        declared = f"(SELECT household_id FROM {Request._meta.db_table} WHERE household_id IS NOT NULL)"
        cursor.execute(f"DELETE FROM {Member._meta.db_table} WHERE household_id IN {declared}")
        cursor.execute(f"DELETE FROM {Household._meta.db_table} WHERE id IN {declared}")
        cursor.execute(f"DELETE FROM {Request._meta.db_table}")
