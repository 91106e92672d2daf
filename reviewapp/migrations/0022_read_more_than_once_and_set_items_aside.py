"""Let items be read more than once, adjudicated, flagged and set aside."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import reviewapp.models.clock


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0021_keep_how_and_where_people_looked"),
    ]

    operations = [
        migrations.CreateModel(
            name="Flag",
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
                            ("bad_image", "Bad image"),
                            ("wrong_line", "Wrong line"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "flagged_at",
                    models.DateTimeField(db_default=reviewapp.models.clock.ClockNow()),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SetAside",
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
                    "because",
                    models.CharField(
                        choices=[
                            ("skipped", "Skipped"),
                            ("unsettled", "Its readers could not settle it"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=80)),
                (
                    "set_aside_at",
                    models.DateTimeField(db_default=reviewapp.models.clock.ClockNow()),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("returned", "Sent back to the queue"),
                            ("closed", "Closed without a decision"),
                        ],
                        max_length=10,
                    ),
                ),
                ("settled_at", models.DateTimeField(null=True)),
                ("note", models.CharField(blank=True, max_length=500)),
            ],
        ),
        migrations.AddField(
            model_name="policy",
            name="reads_per_item",
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="productline",
            name="least_look_s",
            field=models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                validators=[django.core.validators.MaxValueValidator(60)],
                verbose_name="seconds before an item may pass",
            ),
        ),
        migrations.AddField(
            model_name="productline",
            name="shows_earlier_answers",
            field=models.BooleanField(
                db_default=False,
                default=False,
                verbose_name="adjudicators see the earlier answers",
            ),
        ),
        migrations.AddField(
            model_name="productline",
            name="skip_policy",
            field=models.CharField(
                choices=[
                    ("others", "To somebody else"),
                    ("end", "To the end of the queue, for anybody"),
                    ("out", "Out of the queue, to the manager"),
                ],
                db_default="others",
                default="others",
                max_length=8,
                verbose_name="a skipped item goes",
            ),
        ),
        migrations.AddField(
            model_name="productline",
            name="skip_reasons",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40),
                blank=True,
                db_default=[],
                default=list,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="is_adjudication",
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddConstraint(
            model_name="policy",
            constraint=models.CheckConstraint(
                condition=models.Q(("reads_per_item__range", (1, 3))),
                name="an_item_is_read_once_to_three_times",
            ),
        ),
        migrations.AddField(
            model_name="flag",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="flags",
                to="reviewapp.item",
            ),
        ),
        migrations.AddField(
            model_name="flag",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="flags",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="setaside",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="setaside",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="asides",
                to="reviewapp.item",
            ),
        ),
        migrations.AddField(
            model_name="setaside",
            name="line",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="asides",
                to="reviewapp.productline",
            ),
        ),
        migrations.AddField(
            model_name="setaside",
            name="settled_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="flag",
            constraint=models.UniqueConstraint(
                fields=("item", "user", "kind"), name="a_flag_is_raised_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="setaside",
            constraint=models.UniqueConstraint(
                condition=models.Q(("settled_at", None)),
                fields=("item",),
                name="an_item_is_set_aside_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="setaside",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("outcome", ""), ("settled_at", None), ("settled_by", None)
                    ),
                    models.Q(
                        ("settled_at__isnull", False),
                        ("settled_by__isnull", False),
                        models.Q(("outcome", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="what_is_settled_names_who_and_how",
            ),
        ),
        migrations.AddConstraint(
            model_name="setaside",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "closed"), _negated=True),
                    models.Q(("note", ""), _negated=True),
                    _connector="OR",
                ),
                name="what_is_closed_has_a_note",
            ),
        ),
    ]
