"""Let a signed change wait for a second person."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0011_keep_floors_of_gates"),
    ]

    operations = [
        migrations.CreateModel(
            name="Motion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("raise", "Raise the level"),
                            ("widen", "Widen the canary share"),
                            ("promote", "Promote the candidate"),
                            ("share", "Let the candidate decide more"),
                            ("certify", "Certify the classes"),
                            ("thresholds", "Change thresholds and shares"),
                            ("gates", "Ask less of the gates"),
                            ("steps", "Change the canary's steps"),
                        ],
                        max_length=12,
                    ),
                ),
                ("arguments", models.JSONField(default=dict)),
                ("reason", models.CharField(max_length=500)),
                ("seen_policy", models.PositiveIntegerField()),
                ("evidence", models.JSONField(null=True)),
                ("evidence_sha256", models.CharField(blank=True, max_length=64)),
                ("moved_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("open", "Waits for a second person"),
                            ("approved", "Approved"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                ("answer", models.CharField(blank=True, max_length=500)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="motions_answered",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="motions",
                        to="reviewapp.productline",
                    ),
                ),
                (
                    "moved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="motions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "policy",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="motion",
                        to="reviewapp.policy",
                    ),
                ),
            ],
            options={
                "ordering": ["line", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome__in", ["open", "withdrawn"]),
                            models.Q(
                                ("answered_by__isnull", False),
                                models.Q(
                                    ("answered_by", models.F("moved_by")), _negated=True
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="a_motion_is_answered_by_another_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("policy", None), ("outcome", "approved"), _connector="OR"
                        ),
                        name="only_an_approved_motion_is_in_force",
                    ),
                ],
            },
        ),
    ]
