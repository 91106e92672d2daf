"""Let the database refuse to change what happened to alarms and what they may do.

Alarms that rang before get the events that their columns tell of.
"""

from django.db import migrations

BEGIN = """
INSERT INTO monitoring_alarmevent (alarm_id, kind, at, words, details)
    SELECT id, 'raised', raised_at, '', '{}' FROM monitoring_alarm ORDER BY id;
INSERT INTO monitoring_alarmevent (alarm_id, kind, at, words, details)
    SELECT id, 'cleared', cleared_at, found, '{}'
    FROM monitoring_alarm WHERE cleared_at IS NOT NULL ORDER BY id;
UPDATE monitoring_alarm
    SET turn = CASE WHEN cleared_at IS NULL THEN 1 ELSE 2 END;
"""
MAKE = """
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON monitoring_{table}
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refuse_emptying BEFORE TRUNCATE ON monitoring_{table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
DROP = """
DROP TRIGGER refuse_change ON monitoring_{table};
DROP TRIGGER refuse_emptying ON monitoring_{table};
"""


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0006_plan_pauses_and_deliver_alarms"),
        ("reviewapp", "0002_refuse_changes_to_facts"),
    ]

    operations = [
        migrations.RunSQL(BEGIN, migrations.RunSQL.noop),
        *(
            migrations.RunSQL(MAKE.format(table=table), DROP.format(table=table))
            for table in ("alarmevent", "alarmterms")
        ),
    ]
