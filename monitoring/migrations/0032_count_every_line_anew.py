"""Have every line counted anew, with the chances of looks, and audits by the hour.

What is counted already stays until its hour is counted again, newest first.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def count_anew(apps: Apps, _schema: BaseDatabaseSchemaEditor) -> None:
    """Name for each line all hours in which an item occurred."""
    counts = apps.get_model("monitoring", "HourlyCount").objects
    for run in apps.get_model("monitoring", "CountRun").objects.all():
        of_line = counts.filter(line_id=run.line_id, measure="item")
        hours = of_line.order_by("hour").values_list("hour", flat=True).distinct()
        run.anew = [hour.isoformat() for hour in hours]
        run.save(update_fields=["anew"])


def forget_counts(apps: Apps, _schema: BaseDatabaseSchemaEditor) -> None:
    """Forget all counts, which would stand twice without their chances."""
    for name in ("HourlyCount", "DailyCount", "CountRun"):
        apps.get_model("monitoring", name).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0031_hours_may_be_counted_anew"),
    ]

    operations = [migrations.RunPython(count_anew, forget_counts)]
