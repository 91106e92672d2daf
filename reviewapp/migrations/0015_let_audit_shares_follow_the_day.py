"""Let audit shares follow the day, with a floor, and audits be read twice."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0014_send_decisions_back_to_people"),
    ]

    operations = [
        migrations.AddField(
            model_name="policy",
            name="audit_floor",
            field=models.PositiveIntegerField(default=30),
        ),
        migrations.AddField(
            model_name="policy",
            name="audit_reads",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="policy",
            name="signed_audit_shares",
            field=models.JSONField(default=dict),
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
                    ("audited", "Audit shares set"),
                    ("rolled_back", "Rolled back"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="policy",
            constraint=models.CheckConstraint(
                condition=models.Q(("audit_reads__range", (1, 2))),
                name="an_audit_is_read_once_or_twice",
            ),
        ),
    ]
