"""People may want a break suggested sooner than a line does."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0031_give_gold_the_classes_that_stood_with_it"),
    ]

    operations = [
        migrations.CreateModel(
            name="OwnBreaks",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="own_breaks",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "break_after_min",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(240),
                        ],
                        verbose_name="minutes before a break is suggested",
                    ),
                ),
                (
                    "break_after_items",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5000),
                        ],
                        verbose_name="items before a break is suggested",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("break_after_min", None),
                            ("break_after_min__range", (1, 240)),
                            _connector="OR",
                        ),
                        name="own_minutes_are_within_those_of_a_line",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("break_after_items", None),
                            ("break_after_items__range", (1, 5000)),
                            _connector="OR",
                        ),
                        name="own_items_are_within_those_of_a_line",
                    ),
                ],
            },
        ),
    ]
