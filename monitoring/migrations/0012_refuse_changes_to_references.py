"""Let the database refuse to change a reference, or what was held against it."""

from django.db import migrations

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
        ("monitoring", "0011_keep_references_and_drift_windows"),
        ("reviewapp", "0002_refuse_changes_to_facts"),
    ]

    operations = [
        migrations.RunSQL(MAKE.format(table=table), DROP.format(table=table))
        for table in ("referencewindow", "driftwindow", "windowsize")
    ]
