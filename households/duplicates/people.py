"""The people as a search compares them: one row each, names in three keys, with how many others bear the same name, birth, commune or telephone.

Keys are made once for each spelling, not for each person. Everything is written in one transaction, over what an earlier
search left.
"""

from django.db import connection

_NAMES = """
CREATE TEMPORARY TABLE spelled ON COMMIT DROP AS
SELECT name, coalesce(rsu_plain_name(name), '') AS plain, coalesce(rsu_sound_name(name), '') AS sound, coalesce(rsu_fold_name(name), '') AS fold
FROM (SELECT first_name_fr AS name FROM households_member UNION SELECT last_name_fr FROM households_member) written
"""

_PEOPLE = """
CREATE TEMPORARY TABLE person ON COMMIT DROP AS
SELECT m.id, m.household_id, h.commune_id, h.phone, m.cin, m.sex, m.born_on, m.birth_precision = 'day' AS precise,
    first.plain AS first, last.plain AS last, first.sound AS first_sound, last.sound AS last_sound,
    first.fold AS first_fold, last.fold AS last_fold, m.mother_id, m.father_id
FROM households_member m
JOIN households_household h ON h.id = m.household_id
JOIN spelled first ON first.name = m.first_name_fr
JOIN spelled last ON last.name = m.last_name_fr
WHERE h.struck_off_on IS NULL
"""

_WRITTEN = """
INSERT INTO households_duplicateperson
WITH parent AS (SELECT id, first_sound || ' ' || last_sound AS name FROM person), told AS (
    SELECT p.*, coalesce(mother.name, '') AS mother, coalesce(father.name, '') AS father
    FROM person p LEFT JOIN parent mother ON mother.id = p.mother_id LEFT JOIN parent father ON father.id = p.father_id
)
SELECT t.id, t.household_id, t.commune_id, t.phone, t.cin, t.sex, t.born_on, t.precise, t.first, t.last,
    t.first_sound, t.last_sound, t.first_fold, t.last_fold, t.mother, t.father,
    by_last.n, by_first.n, by_last_sound.n, by_first_sound.n, by_birth.n, by_year.n, by_commune.n, by_phone.n, by_mother.n, by_father.n
FROM told t
JOIN (SELECT last, count(*) AS n FROM person GROUP BY last) by_last USING (last)
JOIN (SELECT first, count(*) AS n FROM person GROUP BY first) by_first USING (first)
JOIN (SELECT last_sound, count(*) AS n FROM person GROUP BY last_sound) by_last_sound USING (last_sound)
JOIN (SELECT first_sound, count(*) AS n FROM person GROUP BY first_sound) by_first_sound USING (first_sound)
JOIN (SELECT born_on, count(*) AS n FROM person GROUP BY born_on) by_birth USING (born_on)
JOIN (SELECT extract(year FROM born_on) AS year, count(*) AS n FROM person GROUP BY 1) by_year ON by_year.year = extract(year FROM born_on)
JOIN (SELECT commune_id, count(*) AS n FROM person GROUP BY commune_id) by_commune USING (commune_id)
JOIN (SELECT phone, count(*) AS n FROM person GROUP BY phone) by_phone USING (phone)
JOIN (SELECT mother, count(*) AS n FROM told GROUP BY mother) by_mother ON by_mother.mother = t.mother
JOIN (SELECT father, count(*) AS n FROM told GROUP BY father) by_father ON by_father.father = t.father
"""

_COUNTED = """
SELECT count(*), count(*) FILTER (WHERE phone <> ''), count(*) FILTER (WHERE cin <> ''),
    count(*) FILTER (WHERE mother <> ''), count(*) FILTER (WHERE father <> '')
FROM households_duplicateperson
"""


def write() -> dict[str, int]:
    """Write everybody, the caller holding the transaction; {"people", "phone", "cin", "mother", "father"}: how many are known."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE households_duplicateperson, households_duplicatekey, households_duplicatealike")
        cursor.execute("DROP INDEX IF EXISTS households_duplicateperson_member")
        for statement in (_NAMES, "ANALYZE spelled", _PEOPLE, "ANALYZE person", _WRITTEN):
            cursor.execute(statement)
        cursor.execute("DROP TABLE spelled, person")
        cursor.execute("CREATE UNIQUE INDEX households_duplicateperson_member ON households_duplicateperson (member_id)")
        cursor.execute("ANALYZE households_duplicateperson")
        cursor.execute(_COUNTED)
        return dict(zip(("people", "phone", "cin", "mother", "father"), cursor.fetchone(), strict=True))


def are_written() -> bool:
    """Whether what was written is still there: a server that stopped brutally empties tables kept out of its log."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM households_duplicateperson)")
        return cursor.fetchone()[0]
