"""Find a line's newest measurement without reading a year of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0023_keep_what_is_known_of_an_alarm"),
        ("reviewapp", "0035_count_what_was_set_aside"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="measurement",
            index=models.Index(fields=["line", "-end", "-id"], name="newest_of_line"),
        ),
    ]
