"""Keep by what a line's hours are counted apart."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import reviewapp.models.clock


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0012_refuse_changes_to_references"),
        ("reviewapp", "0008_count_open_alarms"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Segmentation",
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
                            ("none", "Nothing: the line is one whole"),
                            ("shift", "The shift in which it occurred"),
                            ("group", "The beginning of its group"),
                        ],
                        max_length=8,
                    ),
                ),
                ("names", models.JSONField(default=list)),
                (
                    "set_at",
                    models.DateTimeField(db_default=reviewapp.models.clock.ClockNow()),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="segmentations",
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
            model_name="segmentation",
            constraint=models.CheckConstraint(
                condition=models.Q(kind="none", names=[])
                | (~models.Q(kind="none") & ~models.Q(names=[])),
                name="a_segmentation_names_its_parts",
            ),
        ),
    ]
