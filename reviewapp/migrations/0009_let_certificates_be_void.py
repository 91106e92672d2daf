"""Certificates can be void, for good: aged, or hit by an alarm."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Keep what was voided with the policy, and name that cause."""

    dependencies = [("reviewapp", "0008_count_open_alarms")]

    operations = [
        migrations.AddField(
            model_name="policy",
            name="voided",
            field=models.JSONField(default=list),
        ),
        migrations.AlterField(
            model_name="policy",
            name="cause",
            field=models.CharField(
                choices=[
                    ("created", "Line created"),
                    ("raised", "Level raised"),
                    ("lowered", "Level lowered"),
                    ("changed", "Settings changed"),
                    ("version", "Version changed"),
                    ("certified", "Classes certified"),
                    ("voided", "Certificates void"),
                    ("canary", "Canary share changed"),
                    ("rolled_back", "Rolled back"),
                ],
                max_length=16,
            ),
        ),
    ]
