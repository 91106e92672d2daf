"""Keep finished days as sums; the next count of hours fills them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0009_keep_process_samples"),
        ("reviewapp", "0005_drop_indexes_that_nobody_reads"),
    ]

    operations = [
        migrations.AddField(
            model_name="countrun",
            name="summed_before",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="countrun",
            name="summed_zone",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.CreateModel(
            name="DailyColumn",
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
                ("day", models.DateField()),
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
                        related_name="daily_columns",
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
                        fields=("line", "column", "day", "version", "stage"),
                        name="a_column_is_summed_once_a_day",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DailyCount",
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
                ("day", models.DateField()),
                (
                    "measure",
                    models.CharField(
                        choices=[
                            ("item", "Items"),
                            ("prediction", "Predictions"),
                            ("error", "Predictions without an answer"),
                            ("pair", "Predictions with a label, by the item's hour"),
                            (
                                "answer",
                                "Predictions with a label, by the hour of the label",
                            ),
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
                (
                    "route",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("blind", "Blind"),
                            ("assisted", "Assisted"),
                            ("automatic", "Automatic"),
                            ("audit", "Audit"),
                        ],
                        max_length=10,
                    ),
                ),
                ("is_blind", models.BooleanField(default=False)),
                ("count", models.PositiveIntegerField()),
                (
                    "answered",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reviewapp.labelclass",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="daily_counts",
                        to="reviewapp.productline",
                    ),
                ),
                (
                    "predicted",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reviewapp.labelclass",
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
                        fields=(
                            "line",
                            "day",
                            "measure",
                            "version",
                            "route",
                            "is_blind",
                            "predicted",
                            "answered",
                        ),
                        name="a_day_is_summed_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
    ]
