"""Keep with counts the chance of a look, by which labels are weighed."""

from django.db import migrations, models

OF_AN_HOUR = [
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
    "inclusion",
]
OF_A_DAY = [
    "line",
    "day",
    "measure",
    "version",
    "route",
    "is_blind",
    "predicted",
    "answered",
    "segment",
    "inclusion",
]


MEASURES = [
    ("item", "Items"),
    ("prediction", "Predictions"),
    ("error", "Predictions without an answer"),
    ("pair", "Predictions with a label, by the item's hour"),
    ("answer", "Predictions with a label, by the hour of the label"),
    ("permitted", "Items that the model might decide"),
    ("audited", "Audits with an answer, by the item's hour"),
    ("by_model", "Decisions by the model"),
    ("by_person", "Decisions by people"),
    ("shown", "Labels given with the prediction in sight"),
    ("label", "Labels, by the hour of the label"),
    ("undone", "Labels taken back"),
    ("skip", "Reviews passed on"),
    ("readers", "Two people's blind labels of one item"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0028_a_webhook_gets_a_new_secret"),
        ("reviewapp", "0036_keep_the_words_of_a_version"),
    ]

    operations = [
        migrations.AddField(
            model_name="hourlycount",
            name="inclusion",
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name="dailycount",
            name="inclusion",
            field=models.FloatField(null=True),
        ),
        migrations.AlterField(
            model_name="hourlycount",
            name="measure",
            field=models.CharField(choices=MEASURES, max_length=12),
        ),
        migrations.AlterField(
            model_name="dailycount",
            name="measure",
            field=models.CharField(choices=MEASURES, max_length=12),
        ),
        migrations.RemoveConstraint(
            model_name="hourlycount", name="an_hour_is_counted_once"
        ),
        migrations.RemoveConstraint(
            model_name="dailycount", name="a_day_is_summed_once"
        ),
        migrations.AddConstraint(
            model_name="hourlycount",
            constraint=models.UniqueConstraint(
                fields=OF_AN_HOUR, name="an_hour_is_counted_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="dailycount",
            constraint=models.UniqueConstraint(
                fields=OF_A_DAY, name="a_day_is_summed_once", nulls_distinct=False
            ),
        ),
    ]
