"""Let a version be on trial beside the live one, and lock a line after falls."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0009_let_certificates_be_void"),
    ]

    operations = [
        migrations.AddField(
            model_name="policy",
            name="candidate_attempt",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="policy",
            name="candidate_began_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="policy",
            name="candidate_certificates",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="policy",
            name="is_locked",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="policy",
            name="scoring_share",
            field=models.FloatField(default=1),
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
        migrations.AddConstraint(
            model_name="policy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("candidate_share__lte", models.F("scoring_share")),
                    ("scoring_share__lte", 1),
                ),
                name="a_candidate_decides_only_what_it_scores",
            ),
        ),
        migrations.AddConstraint(
            model_name="policy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("candidate__isnull", True),
                    models.Q(
                        ("candidate_began_at__isnull", False),
                        ("live__isnull", False),
                        models.Q(("candidate", models.F("live")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_candidate_is_on_trial_against_another_version",
            ),
        ),
        migrations.AddConstraint(
            model_name="policy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("candidate__isnull", False),
                    ("candidate_share", 0),
                    _connector="OR",
                ),
                name="without_a_candidate_none_decides",
            ),
        ),
    ]
