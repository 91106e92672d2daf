"""Let an item have several classes, and what others said be weighed by a sweep."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import reviewapp.models.clock
import reviewapp.models.lines


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0025_refuse_changes_to_disputes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Encounter",
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
                    "met_at",
                    models.DateTimeField(db_default=reviewapp.models.clock.ClockNow()),
                ),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="goldread",
            name="an_answer_to_gold_is_whole",
        ),
        migrations.AddField(
            model_name="goldread",
            name="also",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60),
                db_default=[],
                default=list,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="goldread",
            name="boxes",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="goldread",
            name="sight",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="label",
            name="also",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60),
                db_default=[],
                default=list,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="lateanswer",
            name="also",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60),
                db_default=[],
                default=list,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="policy",
            name="other_style_share",
            field=models.FloatField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="productline",
            name="allows_several",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="several classes at once"
            ),
        ),
        migrations.AddField(
            model_name="productline",
            name="style_salt",
            field=models.CharField(
                default=reviewapp.models.lines.new_salt, editable=False, max_length=64
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="is_reopened",
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddField(
            model_name="review",
            name="is_unsettled",
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddField(
            model_name="routing",
            name="style_draw",
            field=models.FloatField(null=True),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                condition=models.Q(("is_unsettled", True)),
                fields=["item"],
                name="review_to_settle",
            ),
        ),
        migrations.AddConstraint(
            model_name="goldread",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answered_at", None), ("kind", None), ("label_class", None)
                    ),
                    models.Q(("kind", "class"), ("label_class__isnull", False)),
                    models.Q(("kind", "cannot_tell"), ("label_class", None)),
                    _connector="OR",
                ),
                name="an_answer_to_gold_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="label",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("also__len", 0),
                    models.Q(("also__len__lt", 20), ("kind", "class")),
                    _connector="OR",
                ),
                name="further_classes_stand_beside_one_that_decides",
            ),
        ),
        migrations.AddConstraint(
            model_name="policy",
            constraint=models.CheckConstraint(
                condition=models.Q(("other_style_share__range", (0, 0.5))),
                name="the_usual_style_is_the_more_frequent",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_unsettled", False),
                    models.Q(("closed_at__isnull", False), ("label__isnull", False)),
                    _connector="OR",
                ),
                name="only_an_answered_review_waits_to_be_settled",
            ),
        ),
        migrations.AddField(
            model_name="encounter",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="encounters",
                to="reviewapp.item",
            ),
        ),
        migrations.AddField(
            model_name="encounter",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="encounters",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="encounter",
            constraint=models.UniqueConstraint(
                fields=("user", "item"), name="an_encounter_is_noted_once"
            ),
        ),
    ]
