"""A small invented kingdom in two statements: four people a household, names common and rare, enough for frequencies to mean something."""

from django.db import connection

_HOUSEHOLDS = """
INSERT INTO households_household (id, code, commune_id, milieu, address, phone, synthetic, registered_on, water_in_electricity)
SELECT n, lpad((n * 7919)::text, 11, '0'), (SELECT array_agg(id ORDER BY id) FROM rsu_commune)[1 + n * 37 %% 300], 'urban',
    n || ', rue des Orangers', CASE WHEN n %% 10 < 7 THEN '06' || lpad((n * 7907)::text, 8, '0') ELSE '' END, true, '2026-01-05', false
FROM generate_series(1, %(households)s) n
"""

_MEMBERS = """
WITH part AS (
    SELECT '{bou,zer,cham,tal,rach,kad,haj,min,lah,fer,gue,sof,dar,nej,moul}'::text[] AS a, '{ama,idi,ouz,ili,ette,aki,oura,abi,enne,ari}'::text[] AS b
), person AS (
    SELECT h, place, (h - 1) * 4 + place AS n, abs(hashint8(h * 11)) AS family, abs(hashint8((h - 1) * 4 + place + 5000)) AS own
    FROM generate_series(1, %(households)s) h, generate_series(1, 4) place
), named AS (
    SELECT person.*, a[1 + family %% 15] || b[1 + family / 97 %% 10] || CASE WHEN family %% 3 = 0 THEN '' ELSE a[1 + family / 7 %% 15] END AS last,
        a[1 + (own %% 15) * (own / 31 %% 15) / 15] || b[1 + (own / 13 %% 10) * (own / 17 %% 10) / 10] AS first
    FROM person, part
)
INSERT INTO households_member (id, household_id, position, idcs, cin, first_name_fr, last_name_fr, first_name_ar, last_name_ar, relation, sex,
    born_on, birth_precision, nationality, permit_number, marital_status, spouse_id, mother_id, father_id, charge_document, occupation,
    disability_number, other_allowances_scheme)
SELECT n, h, place, (5000000000 + n)::text, CASE WHEN place < 3 THEN 'KB' || n ELSE '' END, initcap(first), initcap(last), '', '',
    (array['head', 'spouse', 'child', 'child'])[place], CASE WHEN place %% 2 = 1 THEN 'male' ELSE 'female' END,
    CASE WHEN own %% 9 = 0 THEN make_date(1950 + own %% 30 + 30 * (place / 3), 1, 1)
        ELSE make_date(1950 + own %% 30 + 30 * (place / 3), 1 + own / 3 %% 12, 1 + own / 5 %% 28) END,
    CASE WHEN own %% 9 = 0 THEN 'year' ELSE 'day' END, 'ma', '', CASE WHEN place < 3 THEN 'married' ELSE 'single' END,
    CASE WHEN place = 2 THEN n - 1 END, CASE WHEN place > 2 THEN n - place + 2 END, CASE WHEN place > 2 THEN n - place + 1 END, '', '', '', ''
FROM named ORDER BY n
"""


def found(households: int = 500) -> None:
    """The caller holds the database; ids follow one another from 1, the sequences go on after them."""
    with connection.cursor() as cursor:
        for statement in (_HOUSEHOLDS, _MEMBERS):
            cursor.execute(statement, {"households": households})
        for table, last in (("household", households), ("member", households * 4)):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('households_{table}', 'id'), greatest(%s, (SELECT max(id) FROM households_{table})))",
                [last],
            )
