"""Let lines have a label book and gold, and every label its edition."""

import uuid

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import reviewapp.models.clock
import reviewapp.models.lines


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0018_refuse_changes_to_motions"),
    ]

    operations = [
        migrations.CreateModel(
            name="GoldRead",
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
                    "use",
                    models.CharField(
                        choices=[
                            ("hidden", "Hidden in the work"),
                            ("warm_up", "Warm-up"),
                            ("qualification", "Qualification"),
                        ],
                        max_length=13,
                    ),
                ),
                ("place", models.PositiveSmallIntegerField(null=True)),
                (
                    "dealt_at",
                    models.DateTimeField(db_default=reviewapp.models.clock.ClockNow()),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("class", "A class"),
                            ("cannot_tell", "Cannot tell"),
                            ("retraction", "Taken back"),
                        ],
                        max_length=12,
                        null=True,
                    ),
                ),
                ("answer_key", models.UUIDField(null=True)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("active_ms", models.PositiveIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="GoldRun",
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
                    "use",
                    models.CharField(
                        choices=[
                            ("hidden", "Hidden in the work"),
                            ("warm_up", "Warm-up"),
                            ("qualification", "Qualification"),
                        ],
                        max_length=13,
                    ),
                ),
                (
                    "begun_at",
                    models.DateTimeField(db_default=reviewapp.models.clock.ClockNow()),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                ("is_passed", models.BooleanField(null=True)),
                ("valid_until", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="GoldTerms",
            fields=[
                (
                    "line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="gold_terms",
                        serialize=False,
                        to="reviewapp.productline",
                    ),
                ),
                (
                    "rest_days",
                    models.PositiveSmallIntegerField(
                        default=90,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(3650),
                        ],
                        verbose_name="days before a person meets an item again",
                    ),
                ),
                (
                    "most_reads",
                    models.PositiveSmallIntegerField(
                        default=30,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="times an item is shown, before it retires",
                    ),
                ),
                (
                    "least_hits",
                    models.FloatField(
                        default=0.9,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1),
                        ],
                        verbose_name="defective items to be found, as a share",
                    ),
                ),
                (
                    "most_false_alarms",
                    models.FloatField(
                        default=0.1,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1),
                        ],
                        verbose_name="good items that may be rejected, as a share",
                    ),
                ),
                (
                    "valid_days",
                    models.PositiveSmallIntegerField(
                        default=180,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(3650),
                        ],
                        verbose_name="days a qualification holds",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="productline",
            name="gold_salt",
            field=models.CharField(
                default=reviewapp.models.lines.new_salt, editable=False, max_length=64
            ),
        ),
        migrations.AddField(
            model_name="productline",
            name="gold_share",
            field=models.FloatField(
                db_default=0,
                default=0,
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(0.2),
                ],
                verbose_name="share of gold",
            ),
        ),
        migrations.AddField(
            model_name="productline",
            name="qualification_size",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="review",
            name="reader",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.CreateModel(
            name="BookEdition",
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
                ("number", models.PositiveIntegerField()),
                (
                    "note",
                    models.CharField(
                        blank=True, max_length=500, verbose_name="what changed"
                    ),
                ),
                (
                    "begun_at",
                    models.DateTimeField(db_default=reviewapp.models.clock.ClockNow()),
                ),
                ("published_at", models.DateTimeField(null=True)),
                (
                    "begun_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="editions",
                        to="reviewapp.productline",
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["line", "-number"],
            },
        ),
        migrations.CreateModel(
            name="BookDefinition",
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
                ("text", models.TextField()),
                (
                    "label_class",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reviewapp.labelclass",
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="definitions",
                        to="reviewapp.bookedition",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="label",
            name="edition",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reviewapp.bookedition",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="seen_edition",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reviewapp.bookedition",
            ),
        ),
        migrations.AddField(
            model_name="productline",
            name="edition",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reviewapp.bookedition",
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="edition",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reviewapp.bookedition",
            ),
        ),
        migrations.CreateModel(
            name="BookExample",
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
                    "public_id",
                    models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("representative", "Typical"),
                            ("counter", "Not this class"),
                            ("borderline", "Borderline"),
                        ],
                        max_length=14,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="examples",
                        to="reviewapp.bookedition",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="book_examples",
                        to="reviewapp.item",
                    ),
                ),
                (
                    "label_class",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reviewapp.labelclass",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="GoldItem",
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
                    "added_at",
                    models.DateTimeField(db_default=reviewapp.models.clock.ClockNow()),
                ),
                ("dealt", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "item",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gold",
                        to="reviewapp.item",
                    ),
                ),
                (
                    "label_class",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reviewapp.labelclass",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gold_items",
                        to="reviewapp.productline",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.AddField(
            model_name="review",
            name="gold",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reviewapp.golditem",
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                condition=models.Q(("closed_at", None), ("reader__isnull", False)),
                fields=["reader"],
                name="review_of_gold",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("gold", None), ("reader", None)),
                    models.Q(
                        ("awaits_second_thought", False),
                        ("gold__isnull", False),
                        ("label", None),
                        ("reader__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="gold_is_for_one_reader_and_gets_no_label",
            ),
        ),
        migrations.AddField(
            model_name="goldread",
            name="edition",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reviewapp.bookedition",
            ),
        ),
        migrations.AddField(
            model_name="goldread",
            name="gold",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reads",
                to="reviewapp.golditem",
            ),
        ),
        migrations.AddField(
            model_name="goldread",
            name="inspector",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="goldread",
            name="label_class",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reviewapp.labelclass",
            ),
        ),
        migrations.AddField(
            model_name="goldread",
            name="review",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="gold_read",
                to="reviewapp.review",
            ),
        ),
        migrations.AddField(
            model_name="goldrun",
            name="inspector",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="gold_runs",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="goldrun",
            name="line",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="gold_runs",
                to="reviewapp.productline",
            ),
        ),
        migrations.AddField(
            model_name="goldread",
            name="run",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reads",
                to="reviewapp.goldrun",
            ),
        ),
        migrations.AddConstraint(
            model_name="bookedition",
            constraint=models.UniqueConstraint(
                fields=("line", "number"), name="an_edition_number_is_used_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="bookedition",
            constraint=models.UniqueConstraint(
                condition=models.Q(("published_at", None)),
                fields=("line",),
                name="a_line_has_one_draft_of_its_book",
            ),
        ),
        migrations.AddConstraint(
            model_name="bookedition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_at", None), ("published_by", None)),
                    models.Q(
                        ("published_at__isnull", False),
                        models.Q(("note", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_published_edition_says_what_changed",
            ),
        ),
        migrations.AddConstraint(
            model_name="bookdefinition",
            constraint=models.UniqueConstraint(
                fields=("edition", "label_class"),
                name="a_class_is_defined_once_in_an_edition",
            ),
        ),
        migrations.AddConstraint(
            model_name="bookexample",
            constraint=models.UniqueConstraint(
                fields=("edition", "item"), name="an_item_is_one_example_of_an_edition"
            ),
        ),
        migrations.AddConstraint(
            model_name="goldrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("line", "inspector"),
                name="a_person_has_one_run_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="goldrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until", None),
                    models.Q(("is_passed", True), ("use", "qualification")),
                    _connector="OR",
                ),
                name="only_a_passed_qualification_holds",
            ),
        ),
        migrations.AddIndex(
            model_name="goldread",
            index=models.Index(
                fields=["inspector", "-answered_at"], name="gold_read_of_inspector"
            ),
        ),
        migrations.AddConstraint(
            model_name="goldread",
            constraint=models.UniqueConstraint(
                fields=("run", "place"), name="a_place_of_a_run_is_read_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="goldread",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("review__isnull", False), ("run", None), ("use", "hidden")
                    ),
                    models.Q(
                        models.Q(("use", "hidden"), _negated=True),
                        ("review", None),
                        ("run__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="hidden_gold_has_a_review_and_other_gold_a_run",
            ),
        ),
        migrations.AddConstraint(
            model_name="goldread",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answered_at", None), ("kind", None), ("label_class", None)
                    ),
                    models.Q(
                        ("answered_at__isnull", False),
                        ("kind", "class"),
                        ("label_class__isnull", False),
                    ),
                    models.Q(
                        ("answered_at__isnull", False),
                        ("kind", "cannot_tell"),
                        ("label_class", None),
                    ),
                    _connector="OR",
                ),
                name="an_answer_to_gold_is_whole",
            ),
        ),
    ]
