"""The counts begin again in their new shape; what a month would cost is read with the next passing of time."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("eligibility", "0008_curve_of_scores")]

    operations = [
        migrations.RunSQL(
            """
            DELETE FROM eligibility_tally WHERE measure = 'scored';
            INSERT INTO eligibility_tally (measure, program, commune_id, milieu, households, people)
            SELECT 'entitled', d.program, f.commune_id, f.milieu, count(*), sum(f.size)
            FROM eligibility_determination d JOIN eligibility_facts f ON f.household_id = d.household_id
            WHERE d.entitled AND d."until" = '9999-12-31' GROUP BY 2, 3, 4;
            INSERT INTO eligibility_scoretally (formula_id, province_id, milieu, bucket, households, people, aid, insured)
            SELECT a.formula_id, c.province_id, f.milieu, floor(a.score::numeric / 100000)::int, count(*), sum(f.size), 0, 0
            FROM eligibility_assessment a JOIN eligibility_facts f ON f.household_id = a.household_id
            JOIN rsu_commune c ON c.id = f.commune_id GROUP BY 1, 2, 3, 4;
            UPDATE eligibility_facts SET stale_on = "on";
            """,
            "DELETE FROM eligibility_tally WHERE measure = 'entitled'; DELETE FROM eligibility_scoretally",
        ),
    ]
