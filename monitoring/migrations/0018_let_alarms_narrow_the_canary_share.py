"""Let alarms take the canary share back instead of the level."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0017_keep_cost_matrices"),
    ]

    operations = [
        migrations.AddField(
            model_name="alarmterms",
            name="narrows",
            field=models.JSONField(default=list),
        ),
        migrations.AlterField(
            model_name="alarmevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("raised", "Raised"),
                    ("lowered", "Lowered the level"),
                    ("narrowed", "Narrowed the canary share"),
                    ("acknowledged", "Acknowledged"),
                    ("snoozed", "Snoozed"),
                    ("woken", "Rings again"),
                    ("handed_over", "Handed over"),
                    ("noted", "Noted"),
                    ("recovered", "Recovered by itself"),
                    ("cleared", "Cleared"),
                ],
                max_length=12,
            ),
        ),
    ]
