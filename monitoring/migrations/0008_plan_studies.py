"""Plan studies of how people read, and keep their answers."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import reviewapp.models.clock
import reviewapp.models.lines


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0007_refuse_changes_to_what_alarms_went_through"),
        ("reviewapp", "0007_let_versions_have_stages"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Study",
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
                ("trials", models.PositiveSmallIntegerField()),
                (
                    "salt",
                    models.CharField(
                        default=reviewapp.models.lines.new_salt,
                        editable=False,
                        max_length=64,
                    ),
                ),
                (
                    "planned_at",
                    models.DateTimeField(db_default=reviewapp.models.clock.ClockNow()),
                ),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "line",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="studies",
                        to="reviewapp.productline",
                    ),
                ),
                (
                    "planned_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StudyPart",
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
                ("is_good", models.BooleanField()),
                (
                    "item",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="study_parts",
                        to="reviewapp.item",
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="monitoring.study",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StudyRead",
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
                ("trial", models.PositiveSmallIntegerField()),
                ("place", models.PositiveIntegerField()),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "inspector",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="study_reads",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "label_class",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reviewapp.labelclass",
                    ),
                ),
                (
                    "part",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reads",
                        to="monitoring.studypart",
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reads",
                        to="monitoring.study",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.UniqueConstraint(
                fields=("line", "number"), name="a_study_has_its_number_on_a_line"
            ),
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.CheckConstraint(
                condition=models.Q(("trials__gte", 1), ("trials__lte", 5)),
                name="a_study_has_one_to_five_trials",
            ),
        ),
        migrations.AddConstraint(
            model_name="studypart",
            constraint=models.UniqueConstraint(
                fields=("study", "item"), name="an_item_is_one_part_of_a_study"
            ),
        ),
        migrations.AddConstraint(
            model_name="studyread",
            constraint=models.UniqueConstraint(
                fields=("part", "inspector", "trial"),
                name="a_part_is_read_once_a_trial",
            ),
        ),
        migrations.AddConstraint(
            model_name="studyread",
            constraint=models.UniqueConstraint(
                fields=("study", "inspector", "place"), name="a_place_has_one_read"
            ),
        ),
        migrations.AddConstraint(
            model_name="studyread",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at", None), ("label_class", None)),
                    models.Q(
                        ("answered_at__isnull", False), ("label_class__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="an_answer_has_its_class_and_time",
            ),
        ),
    ]
