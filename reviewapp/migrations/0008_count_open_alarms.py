"""Note on each line how many alarms are open, and since when."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0007_let_versions_have_stages"),
    ]

    operations = [
        migrations.AddField(
            model_name="linestate",
            name="alarm_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="linestate",
            name="open_alarms",
            field=models.PositiveIntegerField(db_default=0),
        ),
    ]
