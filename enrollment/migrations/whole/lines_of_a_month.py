"""The lines of a month of aid stand in its row, as arrays; they are read as a view, a row each."""

from django.db import migrations

VIEW = [
    migrations.RunSQL(
        """
        CREATE VIEW enrollment_allowanceline AS
        SELECT a.id * 1000 + l.n AS id, a.id AS allowance_id, l.n::smallint AS position, l.kind, m.id AS member_id, l.rank, l.amount,
          coalesce(l.provision, a.provision_id)::bigint AS provision_id, coalesce(l.month, a.month) AS belongs_to
        FROM enrollment_allowance a
        CROSS JOIN LATERAL unnest(a.kinds, a.members, a.ranks, a.amounts, a.provisions, a.months) WITH ORDINALITY
          AS l(kind, member, rank, amount, provision, month, n)
        LEFT JOIN households_member m ON m.id = l.member
        """,
        "DROP VIEW enrollment_allowanceline",
    )
]
