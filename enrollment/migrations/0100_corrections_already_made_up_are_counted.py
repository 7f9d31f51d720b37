"""What corrections made up before it was kept apart, from their own lines: in the order of the overpayments of a month, as they did."""

from django.db import migrations

COUNTED = """
WITH made AS (
  SELECT household_id, belongs_to AS month, -sum(amount) AS amount FROM enrollment_dueline
  WHERE kind = 'recovery' AND correction_id IS NOT NULL GROUP BY 1, 2
),
shared AS (
  SELECT o.id, least(o.recovered, greatest(0, m.amount - coalesce(sum(o.recovered) OVER (
    PARTITION BY o.household_id, o.month ORDER BY o.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0))) AS amount
  FROM enrollment_overpayment o JOIN made m ON m.household_id = o.household_id AND m.month = o.month
)
UPDATE enrollment_overpayment o SET made_up = s.amount FROM shared s WHERE s.id = o.id AND s.amount > 0
"""


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0099_what_a_correction_makes_up_is_apart")]
    operations = [migrations.RunSQL(COUNTED, migrations.RunSQL.noop)]
