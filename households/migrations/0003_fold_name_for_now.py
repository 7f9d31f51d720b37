"""Replaced by the fold of the search."""

from django.db import migrations

FOLD = """
CREATE FUNCTION rsu_fold_name(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
SELECT regexp_replace(regexp_replace(translate(regexp_replace(lower($1), '^(el|al) ', ''), 'éèêëàâîïôùûç -''', 'eeeeaaiiouuc'), '(.)\\1+', '\\1', 'g'), 'ou', 'u', 'g')
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("households", "0002_requests_and_striking_off")]
    operations = [migrations.RunSQL(FOLD, "DROP FUNCTION rsu_fold_name(text);")]
