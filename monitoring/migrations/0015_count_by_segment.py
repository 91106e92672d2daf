"""Count hours and days by segment; what was counted before belongs to none."""

from django.db import migrations, models

HOUR = [
    "line",
    "measure",
    "hour",
    "version",
    "attempt",
    "route",
    "is_blind",
    "predicted",
    "answered",
    "segment",
]
DAY = [
    "line",
    "day",
    "measure",
    "version",
    "route",
    "is_blind",
    "predicted",
    "answered",
    "segment",
]


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0014_refuse_changes_to_segmentations")]

    operations = [
        operation
        for model, key, name in (
            ("hourlycount", HOUR, "an_hour_is_counted_once"),
            ("dailycount", DAY, "a_day_is_summed_once"),
        )
        for operation in (
            migrations.AddField(
                model_name=model,
                name="segment",
                field=models.CharField(blank=True, db_default="", max_length=40),
            ),
            migrations.RemoveConstraint(model_name=model, name=name),
            migrations.AddConstraint(
                model_name=model,
                constraint=models.UniqueConstraint(
                    fields=key, name=name, nulls_distinct=False
                ),
            ),
        )
    ]
