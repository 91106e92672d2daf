"""Count every line anew, with the chances of looks, and what audits said by the hour.

What is counted already stays until its hour is counted again, oldest first.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def count_anew(apps: Apps, _schema: BaseDatabaseSchemaEditor) -> None:
    """Forget how far lines are counted: the next runs begin at the beginning."""
    apps.get_model("monitoring", "CountRun").objects.all().delete()


def forget_counts(apps: Apps, _schema: BaseDatabaseSchemaEditor) -> None:
    """Forget the counts as well, which would stand twice without their chances."""
    for name in ("HourlyCount", "DailyCount", "CountRun"):
        apps.get_model("monitoring", name).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0030_keep_until_when_a_reference_goes"),
    ]

    operations = [migrations.RunPython(count_anew, forget_counts)]
