"""An answer in a study may name further classes."""

import django.contrib.postgres.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0021_measure_a_line_whole"),
        ("reviewapp", "0030_keep_further_classes_of_gold"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="studyread",
            name="also",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60),
                db_default=[],
                default=list,
                size=None,
            ),
        ),
        migrations.AddConstraint(
            model_name="studyread",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("also__len", 0),
                    models.Q(("also__len__lt", 20), ("label_class__isnull", False)),
                    _connector="OR",
                ),
                name="a_study_names_further_classes_beside_one",
            ),
        ),
    ]
