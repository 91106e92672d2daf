"""People choose how the pages look to them, whatever their device says."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0027_give_each_line_a_secret_for_styles"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="appearance",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "As the device"),
                    ("light", "Light"),
                    ("dark", "Dark"),
                    ("contrast", "High contrast, for bright halls"),
                ],
                default="",
                max_length=10,
                verbose_name="appearance",
            ),
        ),
    ]
