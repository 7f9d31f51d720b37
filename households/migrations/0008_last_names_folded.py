"""Whoever is being registered is looked for among those of the same last name, however it is spelled, born about the same year."""

from django.db import migrations

CREATE = "CREATE INDEX member_folded_last_name ON households_member (rsu_fold_name(last_name_fr), born_on);"


class Migration(migrations.Migration):
    dependencies = [("households", "0007_identity_indexes")]
    operations = [migrations.RunSQL(CREATE, "DROP INDEX member_folded_last_name;")]
