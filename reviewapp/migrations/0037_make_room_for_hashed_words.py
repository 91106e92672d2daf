"""Make room for hashes of a version's words, beside the words for now."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0036_keep_the_words_of_a_version"),
    ]

    operations = [
        migrations.AddField(
            model_name="vocabulary",
            name="digests",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), null=True, size=None
            ),
        ),
        migrations.AddField(
            model_name="vocabulary",
            name="key_check",
            field=models.BigIntegerField(null=True),
        ),
    ]
