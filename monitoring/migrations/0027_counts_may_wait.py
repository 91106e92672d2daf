"""Let hours wait to be counted, where a run cannot count them all."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0026_an_alarm_keeps_an_early_look"),
    ]

    operations = [
        migrations.AddField(
            model_name="countrun",
            name="looked_to",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="countrun",
            name="waiting",
            field=models.JSONField(default=list),
        ),
    ]
