"""Keep hours of numbers, what metrics came to, and what is asked of them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import reviewapp.models.clock


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0001_initial"),
        ("reviewapp", "0005_drop_indexes_that_nobody_reads"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="hourlycount",
            name="measure",
            field=models.CharField(
                choices=[
                    ("item", "Items"),
                    ("prediction", "Predictions"),
                    ("error", "Predictions without an answer"),
                    ("pair", "Predictions with a label, by the item's hour"),
                    ("answer", "Predictions with a label, by the hour of the label"),
                    ("by_model", "Decisions by the model"),
                    ("by_person", "Decisions by people"),
                    ("shown", "Labels given with the prediction in sight"),
                    ("label", "Labels, by the hour of the label"),
                    ("undone", "Labels taken back"),
                    ("skip", "Reviews passed on"),
                    ("readers", "Two people's blind labels of one item"),
                ],
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="Bound",
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
                ("metric", models.CharField(max_length=60)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("active", "Active"),
                            ("muted", "Muted"),
                            ("retired", "Retired"),
                        ],
                        default="active",
                        max_length=8,
                    ),
                ),
                ("lower", models.FloatField(null=True)),
                ("upper", models.FloatField(null=True)),
                ("fewest", models.PositiveIntegerField(default=200)),
                (
                    "set_at",
                    models.DateTimeField(db_default=reviewapp.models.clock.ClockNow()),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bounds",
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
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lower", None),
                            ("upper", None),
                            ("lower__lte", models.F("upper")),
                            _connector="OR",
                        ),
                        name="a_lower_bound_is_not_above_the_upper",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HourlyColumn",
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
                ("hour", models.DateTimeField()),
                ("column", models.CharField(max_length=120)),
                ("stage", models.CharField(blank=True, max_length=40)),
                ("count", models.PositiveIntegerField()),
                ("missing", models.PositiveIntegerField(default=0)),
                ("total", models.FloatField(default=0)),
                ("squares", models.FloatField(default=0)),
                ("buckets", models.JSONField(default=dict)),
                (
                    "line",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hourly_columns",
                        to="reviewapp.productline",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reviewapp.modelversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("line", "column", "hour", "version", "stage"),
                        name="a_column_is_counted_once_an_hour",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Measurement",
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
                ("metric", models.CharField(max_length=60)),
                ("formula", models.PositiveSmallIntegerField(default=1)),
                ("segment", models.CharField(blank=True, max_length=120)),
                ("start", models.DateTimeField()),
                ("end", models.DateTimeField()),
                ("value", models.FloatField(null=True)),
                ("low", models.FloatField(null=True)),
                ("high", models.FloatField(null=True)),
                ("count", models.PositiveIntegerField(default=0)),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("within", "Within its bounds"),
                            ("low", "Below its lower bound"),
                            ("high", "Above its upper bound"),
                            ("not_enough", "Not enough data"),
                            ("no_data", "No data"),
                            ("unbounded", "Shown, not judged"),
                        ],
                        max_length=12,
                    ),
                ),
                ("details", models.JSONField(default=dict)),
                (
                    "measured_at",
                    models.DateTimeField(db_default=reviewapp.models.clock.ClockNow()),
                ),
                (
                    "line",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="measurements",
                        to="reviewapp.productline",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reviewapp.modelversion",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["line", "metric", "-end"], name="measurement_of_line"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("line", "metric", "version", "segment", "end", "start"),
                        name="a_window_is_measured_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("start__lt", models.F("end"))),
                        name="a_window_has_a_length",
                    ),
                ],
            },
        ),
    ]
