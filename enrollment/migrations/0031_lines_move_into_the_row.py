from django.db import migrations

FOLD = """
UPDATE enrollment_allowance a SET
  commune_id = (SELECT commune_id FROM households_household h WHERE h.id = a.household_id),
  provision_id = l.provision, kinds = l.kinds, members = l.members, ranks = l.ranks, amounts = l.amounts
FROM (
  SELECT allowance_id, min(provision_id) AS provision, array_agg(kind ORDER BY position) AS kinds, array_agg(member_id ORDER BY position) AS members,
    array_agg(rank ORDER BY position) AS ranks, array_agg(amount ORDER BY position) AS amounts
  FROM enrollment_allowanceline GROUP BY allowance_id
) l WHERE l.allowance_id = a.id
"""
UNFOLD = """
INSERT INTO enrollment_allowanceline (allowance_id, position, kind, member_id, rank, amount, provision_id)
SELECT a.id, l.n, l.kind, m.id, l.rank, l.amount, a.provision_id
FROM enrollment_allowance a
CROSS JOIN LATERAL unnest(a.kinds, a.members, a.ranks, a.amounts) WITH ORDINALITY AS l(kind, member, rank, amount, n)
LEFT JOIN households_member m ON m.id = l.member
"""


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0030_lines_stand_in_the_row_of_the_month")]

    operations = [migrations.RunSQL(FOLD, UNFOLD)]
