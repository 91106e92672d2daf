"""Keep what each process used and served, and when each task last succeeded."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0008_plan_studies"),
        ("reviewapp", "0005_drop_indexes_that_nobody_reads"),
    ]

    operations = [
        migrations.CreateModel(
            name="TaskPulse",
            fields=[
                (
                    "task",
                    models.CharField(max_length=120, primary_key=True, serialize=False),
                ),
                ("succeeded_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
                ("took_s", models.FloatField(default=0)),
            ],
            options={
                "ordering": ["task"],
            },
        ),
        migrations.CreateModel(
            name="ProcessSample",
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
                            ("web", "Web"),
                            ("worker", "Worker"),
                            ("model_host", "Model host"),
                        ],
                        max_length=12,
                    ),
                ),
                ("name", models.CharField(max_length=12)),
                ("began_at", models.DateTimeField()),
                ("at", models.DateTimeField()),
                ("resident_bytes", models.PositiveBigIntegerField()),
                ("cpu_s", models.FloatField()),
                ("requests", models.PositiveBigIntegerField(default=0)),
                ("errors", models.PositiveBigIntegerField(default=0)),
                ("buckets", models.JSONField(default=dict)),
            ],
            options={
                "indexes": [models.Index(fields=["at"], name="sample_by_moment")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "name", "at"),
                        name="a_process_is_sampled_once_a_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("errors__lte", models.F("requests"))),
                        name="no_more_errors_than_requests",
                    ),
                ],
            },
        ),
    ]
