"""The sequence from which one sealer numbers the decisions' feed."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reviewapp", "0003_make_the_cache_table")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE reviewapp_feed_number;",
            "DROP SEQUENCE reviewapp_feed_number;",
        )
    ]
