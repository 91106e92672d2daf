"""Keep what came since an alarm began, compared before its window has ended."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0025_keep_what_models_saw"),
    ]

    operations = [
        migrations.AddField(
            model_name="alarm",
            name="early_look",
            field=models.JSONField(default=dict),
        ),
    ]
