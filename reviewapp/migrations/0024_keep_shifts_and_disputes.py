"""Let people have shifts, breaks and disputes, and gold be told and void."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import reviewapp.models.clock


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0023_put_a_queue_in_order_and_let_claims_follow"),
    ]

    operations = [
        migrations.CreateModel(
            name="Dispute",
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
                    "raised_at",
                    models.DateTimeField(db_default=reviewapp.models.clock.ClockNow()),
                ),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
            ],
        ),
        migrations.CreateModel(
            name="LinePace",
            fields=[
                (
                    "line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="pace",
                        serialize=False,
                        to="reviewapp.productline",
                    ),
                ),
                ("low_s", models.FloatField()),
                ("high_s", models.FloatField()),
                ("answers", models.PositiveIntegerField()),
                (
                    "kept_at",
                    models.DateTimeField(db_default=reviewapp.models.clock.ClockNow()),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Shift",
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
                    "began_at",
                    models.DateTimeField(db_default=reviewapp.models.clock.ClockNow()),
                ),
                ("after_label", models.PositiveBigIntegerField(db_default=0)),
                (
                    "resumed_at",
                    models.DateTimeField(db_default=reviewapp.models.clock.ClockNow()),
                ),
                ("paused_at", models.DateTimeField(null=True)),
                ("break_s", models.PositiveIntegerField(db_default=0)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "end",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("ended", "You ended it"),
                            ("signed_out", "You signed out"),
                            ("idle", "Nothing was answered any more"),
                        ],
                        max_length=10,
                    ),
                ),
                ("answers", models.PositiveIntegerField(db_default=0)),
                ("untimed", models.PositiveIntegerField(db_default=0)),
                ("skips", models.PositiveIntegerField(db_default=0)),
                ("active_s", models.PositiveIntegerField(db_default=0)),
            ],
        ),
        migrations.CreateModel(
            name="ShiftTerms",
            fields=[
                (
                    "line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="shift_terms",
                        serialize=False,
                        to="reviewapp.productline",
                    ),
                ),
                (
                    "break_after_min",
                    models.PositiveSmallIntegerField(
                        default=50,
                        validators=[django.core.validators.MaxValueValidator(240)],
                        verbose_name="minutes before a break is suggested",
                    ),
                ),
                (
                    "break_after_items",
                    models.PositiveSmallIntegerField(
                        default=0,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(5000),
                        ],
                        verbose_name="items before a break is suggested",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="golditem",
            name="voided_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="goldread",
            name="told_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name="golditem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("voided_at", None), ("retired_at__isnull", False), _connector="OR"
                ),
                name="gold_that_is_void_is_retired",
            ),
        ),
        migrations.AddField(
            model_name="dispute",
            name="decision",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reviewapp.decision",
            ),
        ),
        migrations.AddField(
            model_name="dispute",
            name="gold_read",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="dispute",
                to="reviewapp.goldread",
            ),
        ),
        migrations.AddField(
            model_name="dispute",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="disputes",
                to="reviewapp.item",
            ),
        ),
        migrations.AddField(
            model_name="dispute",
            name="line",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="disputes",
                to="reviewapp.productline",
            ),
        ),
        migrations.AddField(
            model_name="dispute",
            name="raised_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="disputes",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="dispute",
            name="said",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reviewapp.labelclass",
            ),
        ),
        migrations.AddField(
            model_name="dispute",
            name="stands",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reviewapp.labelclass",
            ),
        ),
        migrations.AddField(
            model_name="shift",
            name="inspector",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="shifts",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="shift",
            name="line",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="shifts",
                to="reviewapp.productline",
            ),
        ),
        migrations.CreateModel(
            name="DisputeAnswer",
            fields=[
                (
                    "dispute",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="answer",
                        serialize=False,
                        to="reviewapp.dispute",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[("upheld", "Upheld"), ("declined", "Declined")],
                        max_length=8,
                    ),
                ),
                ("words", models.CharField(max_length=500, verbose_name="answer")),
                (
                    "answered_at",
                    models.DateTimeField(db_default=reviewapp.models.clock.ClockNow()),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decision__isnull", False), ("gold_read", None)),
                    models.Q(("decision", None), ("gold_read__isnull", False)),
                    _connector="OR",
                ),
                name="a_dispute_is_about_a_decision_or_gold",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.UniqueConstraint(
                fields=("decision", "raised_by"),
                name="a_person_disputes_a_decision_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(("said", models.F("stands")), _negated=True),
                name="a_dispute_is_between_two_classes",
            ),
        ),
        migrations.AddIndex(
            model_name="shift",
            index=models.Index(fields=["inspector", "-id"], name="shift_of_inspector"),
        ),
        migrations.AddConstraint(
            model_name="shift",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("line", "inspector"),
                name="a_person_has_one_shift_at_a_time_on_a_line",
            ),
        ),
        migrations.AddConstraint(
            model_name="shift",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("end", ""), ("ended_at", None)),
                    models.Q(
                        ("ended_at__gte", models.F("began_at")),
                        models.Q(("end", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_shift_that_has_ended_says_how",
            ),
        ),
    ]
