"""Nobody is paid another amount than the one written: a month is corrected by lines of a later one."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('enrollment', '0094_moved_covers_are_found_by_their_last_day'),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name='allowance',
            trigger=pgtrigger.compiler.Trigger(name='allowance_keeps_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='3fff574cc0ffeafc6b3b92b01ad8e4241f86545d', operation='UPDATE OR DELETE', pgid='pgtrigger_allowance_keeps_rows_0c454', table='enrollment_allowance', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='allowance',
            trigger=pgtrigger.compiler.Trigger(name='allowance_keeps_all', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'allowance is append-only: it cannot be truncated';", hash='de09ef7aec035d215c8c092a2f7c934f4e991c4c', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_allowance_keeps_all_ec175', table='enrollment_allowance', when='BEFORE')),
        ),
    ]
