"""Let the database refuse to change what was disputed, and what was answered."""

from django.db import migrations

MAKE = """
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON reviewapp_{table}
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refuse_emptying BEFORE TRUNCATE ON reviewapp_{table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
DROP = """
DROP TRIGGER refuse_change ON reviewapp_{table};
DROP TRIGGER refuse_emptying ON reviewapp_{table};
"""


class Migration(migrations.Migration):
    dependencies = [("reviewapp", "0024_keep_shifts_and_disputes")]

    operations = [
        migrations.RunSQL(MAKE.format(table=table), DROP.format(table=table))
        for table in ("dispute", "disputeanswer")
    ]
