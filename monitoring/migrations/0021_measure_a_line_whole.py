"""What is stored was always measured of the whole line; segments are read as counts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0020_note_who_met_items_in_studies"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="measurement",
            name="a_window_is_measured_once",
        ),
        migrations.RemoveField(model_name="measurement", name="segment"),
        migrations.AddConstraint(
            model_name="measurement",
            constraint=models.UniqueConstraint(
                fields=("line", "metric", "version", "end", "start"),
                name="a_window_is_measured_once",
                nulls_distinct=False,
            ),
        ),
    ]
