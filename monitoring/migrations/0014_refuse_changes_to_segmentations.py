"""Let the database refuse to change by what hours were counted apart."""

from django.db import migrations

MAKE = """
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON monitoring_segmentation
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refuse_emptying BEFORE TRUNCATE ON monitoring_segmentation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
DROP = """
DROP TRIGGER refuse_change ON monitoring_segmentation;
DROP TRIGGER refuse_emptying ON monitoring_segmentation;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0013_keep_segmentations"),
        ("reviewapp", "0002_refuse_changes_to_facts"),
    ]

    operations = [migrations.RunSQL(MAKE, DROP)]
