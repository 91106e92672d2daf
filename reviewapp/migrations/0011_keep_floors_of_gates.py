"""Keep the floors that an admin has moved, below which no gate may ask."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0010_try_candidates_and_lock_after_falls"),
    ]

    operations = [
        migrations.AddField(
            model_name="policy",
            name="floors",
            field=models.JSONField(
                default=dict, db_default=models.Value({}, models.JSONField())
            ),
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
                    ("gates", "Gates changed"),
                    ("floor", "Floor of a gate moved"),
                    ("version", "Version changed"),
                    ("certified", "Classes certified"),
                    ("voided", "Certificates void"),
                    ("canary", "Canary share changed"),
                    ("narrowed", "Canary share narrowed"),
                    ("trial", "Candidate put on trial"),
                    ("shared", "Candidate decides a share"),
                    ("withdrawn", "Candidate withdrawn"),
                    ("promoted", "Candidate promoted"),
                    ("looked", "Looked at after automatic falls"),
                    ("rolled_back", "Rolled back"),
                ],
                max_length=16,
            ),
        ),
    ]
