"""Nobody is covered on one day by an enrollment and as moved from RAMED: triggers of both tables."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0020_ramed_tables")]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name='enrollment',
            trigger=pgtrigger.compiler.Trigger(name='enrolled_is_not_moved', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE overlapping bigint;', func="SELECT n.id INTO overlapping FROM new_rows e JOIN enrollment_migratedcover n ON e.idcs = n.idcs AND e.program IN ('amo_tadamon', 'amo_achamil') AND e.status IN ('active', 'in_review', 'suspended', 'ended') AND e.since < n.until AND n.since < e.until AND e.since < e.until AND n.since < n.until LIMIT 1;\n    IF overlapping IS NOT NULL THEN\n        RAISE EXCEPTION 'person_covered_in_one_table: covered on one day by an enrollment and as moved from RAMED'\n            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'person_covered_in_one_table';\n    END IF;\n    RETURN NULL;\n", hash='57492d11af6041554edd9767a1e4c163647e6d7e', level='STATEMENT', operation='INSERT', pgid='pgtrigger_enrolled_is_not_moved_7e1a9', referencing='REFERENCING NEW TABLE AS new_rows ', table='enrollment_enrollment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='enrollment',
            trigger=pgtrigger.compiler.Trigger(name='changed_is_not_moved', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE overlapping bigint;', func="SELECT n.id INTO overlapping FROM new_rows e JOIN enrollment_migratedcover n ON e.idcs = n.idcs AND e.program IN ('amo_tadamon', 'amo_achamil') AND e.status IN ('active', 'in_review', 'suspended', 'ended') AND e.since < n.until AND n.since < e.until AND e.since < e.until AND n.since < n.until LIMIT 1;\n    IF overlapping IS NOT NULL THEN\n        RAISE EXCEPTION 'person_covered_in_one_table: covered on one day by an enrollment and as moved from RAMED'\n            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'person_covered_in_one_table';\n    END IF;\n    RETURN NULL;\n", hash='bb82bbce4315561e44cbb04ae44145ed6622aaaf', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_changed_is_not_moved_fba66', referencing='REFERENCING NEW TABLE AS new_rows ', table='enrollment_enrollment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='migratedcover',
            trigger=pgtrigger.compiler.Trigger(name='moved_is_not_enrolled', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE overlapping bigint;', func="LOCK TABLE enrollment_enrollment IN SHARE MODE; SELECT n.id INTO overlapping FROM enrollment_enrollment e JOIN new_rows n ON e.idcs = n.idcs AND e.program IN ('amo_tadamon', 'amo_achamil') AND e.status IN ('active', 'in_review', 'suspended', 'ended') AND e.since < n.until AND n.since < e.until AND e.since < e.until AND n.since < n.until LIMIT 1;\n    IF overlapping IS NOT NULL THEN\n        RAISE EXCEPTION 'person_covered_in_one_table: covered on one day by an enrollment and as moved from RAMED'\n            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'person_covered_in_one_table';\n    END IF;\n    RETURN NULL;\n", hash='4d127257adafe2313b2f03077e3057bb56f7cfd9', level='STATEMENT', operation='INSERT', pgid='pgtrigger_moved_is_not_enrolled_30170', referencing='REFERENCING NEW TABLE AS new_rows ', table='enrollment_migratedcover', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='migratedcover',
            trigger=pgtrigger.compiler.Trigger(name='grown_is_not_enrolled', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE overlapping bigint;', func="IF NOT EXISTS (SELECT FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.idcs <> o.idcs OR n.since < o.since OR n.until > o.until) THEN RETURN NULL; END IF;LOCK TABLE enrollment_enrollment IN SHARE MODE; SELECT n.id INTO overlapping FROM enrollment_enrollment e JOIN new_rows n ON e.idcs = n.idcs AND e.program IN ('amo_tadamon', 'amo_achamil') AND e.status IN ('active', 'in_review', 'suspended', 'ended') AND e.since < n.until AND n.since < e.until AND e.since < e.until AND n.since < n.until LIMIT 1;\n    IF overlapping IS NOT NULL THEN\n        RAISE EXCEPTION 'person_covered_in_one_table: covered on one day by an enrollment and as moved from RAMED'\n            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'person_covered_in_one_table';\n    END IF;\n    RETURN NULL;\n", hash='0a55c888fb9b0a9c43e65c80b85cbef8544d301e', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_grown_is_not_enrolled_2d453', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='enrollment_migratedcover', when='AFTER')),
        ),
    ]
