"""Give alarms a state, an owner, a history of events, and terms of a line's own."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import monitoring.models.alarms
import reviewapp.models.clock


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0004_ring_by_cause_and_subject"),
        ("reviewapp", "0005_drop_indexes_that_nobody_reads"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AlarmEvent",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("raised", "Raised"),
                            ("lowered", "Lowered the level"),
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
                (
                    "at",
                    models.DateTimeField(db_default=reviewapp.models.clock.ClockNow()),
                ),
                ("words", models.CharField(blank=True, max_length=1000)),
                ("details", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="AlarmTerms",
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
                    "lowers_to",
                    models.JSONField(
                        default=monitoring.models.alarms.default_lowers_to
                    ),
                ),
                ("cool_down_h", models.PositiveIntegerField(default=24)),
                ("fresh_labels", models.PositiveIntegerField(default=500)),
                (
                    "set_at",
                    models.DateTimeField(db_default=reviewapp.models.clock.ClockNow()),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.AddField(
            model_name="alarm",
            name="acknowledged_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="alarm",
            name="findings",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="alarm",
            name="owner",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="alarms",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="alarm",
            name="snoozed_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="alarm",
            name="state",
            field=models.CharField(
                choices=[
                    ("ringing", "Ringing"),
                    ("acknowledged", "Acknowledged"),
                    ("snoozed", "Snoozed"),
                    ("recovered", "Recovered by itself"),
                    ("cleared", "Cleared"),
                ],
                default="ringing",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="alarm",
            name="turn",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="alarm",
            name="cause",
            field=models.CharField(
                choices=[
                    ("disagreement", "People disagree with the model too often"),
                    ("escapes", "The model passes what people reject"),
                    ("overkill", "The model rejects what people pass"),
                    ("inspector", "One inspector differs from the others"),
                    ("input_drift", "What arrives is no longer what the model knows"),
                    ("prediction_drift", "The model answers otherwise than before"),
                    ("out_of_bounds", "A metric is out of its bounds"),
                    ("no_data", "There is no data to judge by"),
                ],
                max_length=20,
            ),
        ),
        migrations.RunSQL(
            "UPDATE monitoring_alarm SET state = 'cleared' WHERE cleared_at IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="alarm",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("cleared_at", None),
                        ("state__in", ("ringing", "acknowledged", "snoozed")),
                    ),
                    models.Q(
                        ("cleared_at__isnull", False),
                        ("state__in", ("recovered", "cleared")),
                    ),
                    _connector="OR",
                ),
                name="an_alarm_that_is_over_says_since_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="alarm",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "snoozed"), _negated=True),
                    ("snoozed_until__isnull", False),
                    _connector="OR",
                ),
                name="a_snoozed_alarm_wakes_again",
            ),
        ),
        migrations.AddField(
            model_name="alarmevent",
            name="alarm",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="events",
                to="monitoring.alarm",
            ),
        ),
        migrations.AddField(
            model_name="alarmevent",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="alarmterms",
            name="line",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="alarm_terms",
                to="reviewapp.productline",
            ),
        ),
        migrations.AddField(
            model_name="alarmterms",
            name="set_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
