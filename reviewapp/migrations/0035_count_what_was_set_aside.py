"""A line's state says how many items have left its queue for the manager."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0034_keep_comments_on_gold"),
    ]

    operations = [
        migrations.AddField(
            model_name="linestate",
            name="set_aside",
            field=models.PositiveIntegerField(db_default=0),
        ),
    ]
