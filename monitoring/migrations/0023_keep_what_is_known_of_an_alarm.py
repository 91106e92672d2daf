"""An open alarm keeps what is known by now beside what was found when it rang."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0022_keep_further_classes_of_studies")]

    operations = [
        migrations.AddField(
            model_name="alarm",
            name="latest",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="alarm",
            name="latest_at",
            field=models.DateTimeField(null=True),
        ),
    ]
