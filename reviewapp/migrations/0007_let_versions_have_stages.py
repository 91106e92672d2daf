"""Let a version be a pipeline of named stages."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0006_let_items_be_texts_or_recordings"),
    ]

    operations = [
        migrations.AddField(
            model_name="modelversion",
            name="stages",
            field=models.JSONField(default=list),
        ),
    ]
