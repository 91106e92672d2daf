"""Let an item be a text or a recording, beside a table row and a picture."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0005_drop_indexes_that_nobody_reads"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="payload",
            name="a_payload_is_a_row_or_a_medium",
        ),
        migrations.AddField(
            model_name="payload",
            name="text",
            field=models.TextField(blank=True),
        ),
        migrations.AlterField(
            model_name="productline",
            name="modality",
            field=models.CharField(
                choices=[
                    ("image", "Image"),
                    ("tabular", "Table row"),
                    ("text", "Text"),
                    ("audio", "Recording"),
                ],
                max_length=16,
                verbose_name="kind of item",
            ),
        ),
        migrations.AddConstraint(
            model_name="payload",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("media_path", ""), ("text", ""), ("values__isnull", False)
                    ),
                    models.Q(
                        ("media_path", ""),
                        ("values__isnull", True),
                        models.Q(("text", ""), _negated=True),
                    ),
                    models.Q(
                        ("text", ""),
                        ("values__isnull", True),
                        models.Q(("media_path", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_payload_is_a_row_a_text_or_a_medium",
            ),
        ),
    ]
