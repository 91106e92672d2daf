"""Let hours that count already be counted anew, when there is time for it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0030_keep_until_when_a_reference_goes"),
    ]

    operations = [
        migrations.AddField(
            model_name="countrun",
            name="anew",
            field=models.JSONField(default=list),
        ),
    ]
