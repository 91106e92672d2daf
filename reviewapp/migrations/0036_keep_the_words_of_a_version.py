"""Keep the words that a version's reference held, and let nobody change them."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import reviewapp.models.clock

MAKE = """
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON reviewapp_vocabulary
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refuse_emptying BEFORE TRUNCATE ON reviewapp_vocabulary
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
DROP = """
DROP TRIGGER refuse_change ON reviewapp_vocabulary;
DROP TRIGGER refuse_emptying ON reviewapp_vocabulary;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0035_count_what_was_set_aside"),
    ]

    operations = [
        migrations.CreateModel(
            name="Vocabulary",
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
                    "words",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None
                    ),
                ),
                (
                    "taken_at",
                    models.DateTimeField(db_default=reviewapp.models.clock.ClockNow()),
                ),
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vocabulary",
                        to="reviewapp.modelversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(words__len__gte=1, words__len__lte=50000),
                        name="a_vocabulary_has_words_and_an_end",
                    )
                ],
            },
        ),
        migrations.RunSQL(MAKE, DROP),
    ]
