"""Keep references, the windows held against them, and how long windows are."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import reviewapp.models.clock


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0010_sum_days_of_hours"),
        ("reviewapp", "0005_drop_indexes_that_nobody_reads"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReferenceWindow",
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
                    "part",
                    models.CharField(
                        choices=[
                            ("inputs", "What arrived"),
                            ("predictions", "What the version answered"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            (
                                "calibration",
                                "The data it was trained and calibrated on",
                            ),
                            ("first_items", "The first items it was asked about"),
                        ],
                        max_length=12,
                    ),
                ),
                ("items", models.PositiveIntegerField()),
                ("columns", models.JSONField(default=dict)),
                ("classes", models.JSONField(default=dict)),
                ("probabilities", models.JSONField(default=list)),
                ("joint", models.JSONField(null=True)),
                (
                    "taken_at",
                    models.DateTimeField(db_default=reviewapp.models.clock.ClockNow()),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="references",
                        to="reviewapp.productline",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="references",
                        to="reviewapp.modelversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DriftWindow",
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
                ("start", models.DateTimeField()),
                ("end", models.DateTimeField()),
                ("items", models.PositiveIntegerField()),
                ("compared", models.PositiveIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("quiet", "As the version knows it"),
                            ("moved", "Something has moved"),
                            ("not_enough", "Not enough items"),
                            ("no_data", "No items"),
                            ("no_reference", "Nothing to compare with yet"),
                        ],
                        max_length=12,
                    ),
                ),
                ("columns", models.JSONField(default=dict)),
                ("whole", models.JSONField(default=dict)),
                ("predictions", models.JSONField(default=dict)),
                ("estimate", models.JSONField(default=dict)),
                (
                    "measured_at",
                    models.DateTimeField(db_default=reviewapp.models.clock.ClockNow()),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drift_windows",
                        to="reviewapp.productline",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drift_windows",
                        to="reviewapp.modelversion",
                    ),
                ),
                (
                    "reference",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="windows",
                        to="monitoring.referencewindow",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WindowSize",
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
                ("hours", models.PositiveIntegerField(default=24)),
                ("items", models.PositiveIntegerField(default=400)),
                ("judged_from", models.PositiveIntegerField(default=200)),
                ("longest_days", models.PositiveIntegerField(default=14)),
                (
                    "set_at",
                    models.DateTimeField(db_default=reviewapp.models.clock.ClockNow()),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="window_sizes",
                        to="reviewapp.productline",
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="referencewindow",
            constraint=models.UniqueConstraint(
                fields=("line", "version", "part"), name="a_reference_is_taken_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="referencewindow",
            constraint=models.CheckConstraint(
                condition=models.Q(("items__gt", 0)), name="a_reference_has_items"
            ),
        ),
        migrations.AddIndex(
            model_name="driftwindow",
            index=models.Index(
                fields=["line", "version", "-end"], name="drift_of_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="driftwindow",
            constraint=models.UniqueConstraint(
                fields=("line", "version", "start"), name="a_window_is_compared_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="driftwindow",
            constraint=models.CheckConstraint(
                condition=models.Q(("start__lt", models.F("end"))),
                name="a_compared_window_has_a_length",
            ),
        ),
        migrations.AddConstraint(
            model_name="driftwindow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("quiet", "moved")), _negated=True),
                    ("reference__isnull", False),
                    _connector="OR",
                ),
                name="only_a_compared_window_is_quiet",
            ),
        ),
        migrations.AddConstraint(
            model_name="windowsize",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("hours__gte", 1),
                    ("judged_from__gte", 30),
                    ("items__gte", models.F("judged_from")),
                    ("longest_days__gte", 1),
                ),
                name="a_window_can_be_judged",
            ),
        ),
    ]
