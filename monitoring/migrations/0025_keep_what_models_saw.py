"""Keep what models see of a reference's items, for what arrives to be held against."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0024_find_the_newest_measurement"),
    ]

    operations = [
        migrations.AddField(
            model_name="referencewindow",
            name="embedding",
            field=models.BinaryField(null=True),
        ),
        migrations.AlterField(
            model_name="referencewindow",
            name="part",
            field=models.CharField(
                choices=[
                    ("inputs", "What arrived"),
                    ("predictions", "What the version answered"),
                    ("features", "What models see in what arrived"),
                ],
                max_length=12,
            ),
        ),
    ]
