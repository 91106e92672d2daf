"""Give each line a secret of its own for the lottery of styles.

The column's default was made once for all lines that were there.
"""

from django.db import migrations

OWN_SALTS = """
UPDATE reviewapp_productline SET style_salt = replace(gen_random_uuid()::text, '-', '')
"""


class Migration(migrations.Migration):
    dependencies = [("reviewapp", "0026_allow_several_classes_and_settle_by_sweep")]

    operations = [migrations.RunSQL(OWN_SALTS, migrations.RunSQL.noop)]
