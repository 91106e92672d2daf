"""Let a webhook have a new secret, with the former one beside it for a day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0027_counts_may_wait"),
    ]

    operations = [
        migrations.AddField(
            model_name="webhook",
            name="former_salt",
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="webhook",
            name="former_until",
            field=models.DateTimeField(null=True),
        ),
    ]
