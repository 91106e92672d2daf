"""Keep what an escape, an overkill and a review cost on a line."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import reviewapp.models.clock


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0016_keep_hours_of_pages"),
        ("reviewapp", "0009_let_certificates_be_void"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CostMatrix",
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
                ("escape", models.DecimalField(decimal_places=4, max_digits=14)),
                ("overkill", models.DecimalField(decimal_places=4, max_digits=14)),
                ("review", models.DecimalField(decimal_places=4, max_digits=14)),
                ("currency", models.CharField(max_length=12)),
                (
                    "set_at",
                    models.DateTimeField(db_default=reviewapp.models.clock.ClockNow()),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cost_matrices",
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
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("escape__gte", 0), ("overkill__gte", 0), ("review__gte", 0)
                        ),
                        name="nothing_costs_less_than_nothing",
                    )
                ],
            },
        ),
    ]
