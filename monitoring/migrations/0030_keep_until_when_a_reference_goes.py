"""Keep when the last item of a reference occurred, so that no window repeats it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0029_counts_keep_the_chance_of_a_look"),
    ]

    operations = [
        migrations.AddField(
            model_name="referencewindow",
            name="until",
            field=models.DateTimeField(null=True),
        ),
    ]
