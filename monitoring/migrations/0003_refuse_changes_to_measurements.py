"""Let the database refuse to change what was measured, and what was asked."""

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
        ("monitoring", "0002_keep_columns_measurements_and_bounds"),
        ("reviewapp", "0002_refuse_changes_to_facts"),
    ]

    operations = [
        migrations.RunSQL(MAKE.format(table=table), DROP.format(table=table))
        for table in ("measurement", "bound")
    ]
