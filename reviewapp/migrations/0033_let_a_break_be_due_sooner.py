"""A break may be due sooner than by minutes or items."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0032_let_people_have_breaks_sooner"),
    ]

    operations = [
        migrations.AddField(
            model_name="shift",
            name="break_due_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="shift",
            name="break_told_at",
            field=models.DateTimeField(null=True),
        ),
    ]
