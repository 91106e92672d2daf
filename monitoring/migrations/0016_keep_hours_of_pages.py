"""Keep how long the pages of each line took."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0015_count_by_segment"),
        ("reviewapp", "0008_count_open_alarms"),
    ]

    operations = [
        migrations.CreateModel(
            name="PageHour",
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
                ("process", models.CharField(max_length=12)),
                ("count", models.PositiveIntegerField()),
                ("total", models.FloatField()),
                ("squares", models.FloatField()),
                ("buckets", models.JSONField(default=dict)),
                ("written_at", models.DateTimeField()),
                (
                    "line",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="page_hours",
                        to="reviewapp.productline",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="pagehour",
            constraint=models.UniqueConstraint(
                fields=("line", "hour", "process"),
                name="a_process_writes_an_hour_of_pages_once",
            ),
        ),
    ]
