"""Forget the words themselves, in the table's file too."""

import django.contrib.postgres.fields
from django.db import migrations, models

# A column that is dropped, and a row that was changed, stay in the file until something
# writes over them. Whatever changes a column's type copies all that is still valid to a
# new file, and the old one is removed.
WRITE_ANEW = """
ALTER TABLE reviewapp_vocabulary
    ALTER COLUMN digests TYPE bigint[] USING digests || ARRAY[]::bigint[];
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0038_hash_the_words_of_a_version"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="vocabulary",
            name="a_vocabulary_has_words_and_an_end",
        ),
        migrations.RemoveField(
            model_name="vocabulary",
            name="words",
        ),
        migrations.RunSQL(WRITE_ANEW),
        migrations.AlterField(
            model_name="vocabulary",
            name="digests",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), size=None
            ),
        ),
        migrations.AlterField(
            model_name="vocabulary",
            name="key_check",
            field=models.BigIntegerField(),
        ),
        migrations.AddConstraint(
            model_name="vocabulary",
            constraint=models.CheckConstraint(
                condition=models.Q(digests__len__gte=1, digests__len__lte=50000),
                name="a_vocabulary_has_words_and_an_end",
            ),
        ),
    ]
