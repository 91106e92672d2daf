"""Let two people let something past its gates, for some days."""

from datetime import timedelta

import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0016_let_a_hand_hold_what_comes_next"),
    ]

    operations = [
        migrations.AddField(
            model_name="policy",
            name="override_ends_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="policy",
            name="override_number",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="motion",
            name="act",
            field=models.CharField(
                choices=[
                    ("raise", "Raise the level"),
                    ("widen", "Widen the canary share"),
                    ("promote", "Promote the candidate"),
                    ("share", "Let the candidate decide more"),
                    ("certify", "Certify the classes"),
                    ("certify_next", "Certify the candidate"),
                    ("thresholds", "Change thresholds and shares"),
                    ("gates", "Ask less of the gates"),
                    ("steps", "Change the canary's steps"),
                    ("audits", "Change how audits are read"),
                    ("override", "Override shut gates"),
                ],
                max_length=12,
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
                    ("trial_certified", "Candidate certified"),
                    ("voided", "Certificates void"),
                    ("canary", "Canary share changed"),
                    ("narrowed", "Canary share narrowed"),
                    ("trial", "Candidate put on trial"),
                    ("shared", "Candidate decides a share"),
                    ("withdrawn", "Candidate withdrawn"),
                    ("promoted", "Candidate promoted"),
                    ("overridden", "Let through past shut gates"),
                    ("override_ended", "Override ended"),
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
                condition=models.Q(
                    models.Q(("override_ends_at", None), ("override_number", None)),
                    models.Q(
                        (
                            "override_ends_at__lte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("created_at"),
                                "+",
                                models.Value(timedelta(days=7)),
                            ),
                        ),
                        ("override_number__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="an_override_ends_within_seven_days",
            ),
        ),
    ]
