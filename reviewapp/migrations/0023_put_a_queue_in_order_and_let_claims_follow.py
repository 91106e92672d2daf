"""Put queues in order by terms of the line, and count what is overdue."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
from django.db import migrations, models

import reviewapp.models.lines


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0022_read_more_than_once_and_set_items_aside"),
    ]

    operations = [
        migrations.CreateModel(
            name="QueueTerms",
            fields=[
                (
                    "line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="queue_terms",
                        serialize=False,
                        to="reviewapp.productline",
                    ),
                ),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("oldest", "Oldest first"),
                            ("unsure", "Least certain first"),
                            ("mixed", "Least certain first, and a share by age"),
                        ],
                        default="oldest",
                        max_length=8,
                        verbose_name="what comes first",
                    ),
                ),
                (
                    "age_share",
                    models.FloatField(
                        default=0.2,
                        validators=[
                            django.core.validators.MinValueValidator(0.05),
                            django.core.validators.MaxValueValidator(1),
                        ],
                        verbose_name="share by age",
                    ),
                ),
                (
                    "due_after_min",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(43200),
                        ],
                        verbose_name="due after, in minutes",
                    ),
                ),
                (
                    "salt",
                    models.CharField(
                        default=reviewapp.models.lines.new_salt,
                        editable=False,
                        max_length=64,
                    ),
                ),
                ("claim_is_fixed", models.BooleanField(default=False)),
                ("handling_s", models.FloatField(null=True)),
                ("handling_of", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.RemoveIndex(
            model_name="review",
            name="review_queue",
        ),
        migrations.AddField(
            model_name="item",
            name="priority",
            field=models.SmallIntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name="linestate",
            name="overdue",
            field=models.PositiveIntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name="review",
            name="deferred_to",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="job",
            name="kind",
            field=models.CharField(
                choices=[
                    ("snapshot", "Take a dataset snapshot"),
                    ("training", "Train a version"),
                    ("demo_history", "Play the demo's history"),
                    ("placing", "Put what waits in order"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                models.F("line"),
                models.OrderBy(models.F("priority"), descending=True),
                django.db.models.functions.comparison.Coalesce(
                    "deferred_to", "queued_at"
                ),
                models.F("id"),
                condition=models.Q(("closed_at", None)),
                name="review_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                condition=models.Q(("closed_at", None), ("deferred_to__isnull", False)),
                fields=["line", "due_at"],
                name="review_put_off",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("deferred_to", None),
                    ("deferred_to__gt", models.F("queued_at")),
                    _connector="OR",
                ),
                name="a_review_is_put_off_to_a_later_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="queueterms",
            constraint=models.CheckConstraint(
                condition=models.Q(("age_share__gt", 0), ("age_share__lte", 1)),
                name="a_mixed_queue_keeps_a_share_by_age",
            ),
        ),
    ]
