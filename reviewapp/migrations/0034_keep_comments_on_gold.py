"""What somebody writes on an item stays with the answer when the item is gold."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0033_let_a_break_be_due_sooner"),
    ]

    operations = [
        migrations.AddField(
            model_name="goldread",
            name="comment",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=500
            ),
        ),
    ]
