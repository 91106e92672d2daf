"""Gold keeps the further classes that were adjudicated with it."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0029_keep_whose_a_session_is"),
    ]

    operations = [
        migrations.AddField(
            model_name="golditem",
            name="also",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60),
                db_default=[],
                default=list,
                size=None,
            ),
        ),
        migrations.AddConstraint(
            model_name="golditem",
            constraint=models.CheckConstraint(
                condition=models.Q(("also__len__lt", 20)),
                name="gold_has_at_most_twenty_classes",
            ),
        ),
    ]
