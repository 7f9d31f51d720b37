from django.db import migrations

COUNT = """
INSERT INTO enrollment_monthtally (month, commune_id, kind, count, amount)
SELECT month, commune_id, '', count(*), sum(amount) FROM enrollment_allowance WHERE commune_id IS NOT NULL GROUP BY month, commune_id;
INSERT INTO enrollment_monthtally (month, commune_id, kind, provision_id, count, amount)
SELECT a.month, a.commune_id, l.kind, l.provision_id, count(*), sum(l.amount)
FROM enrollment_allowance a JOIN enrollment_allowanceline l ON l.allowance_id = a.id WHERE a.commune_id IS NOT NULL
GROUP BY a.month, a.commune_id, l.kind, l.provision_id;
"""


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0033_ledger_of_a_month")]

    operations = [migrations.RunSQL(COUNT, "DELETE FROM enrollment_monthtally")]
