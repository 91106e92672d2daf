"""Let a line ring several alarms of one cause, each of its own subject."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0003_refuse_changes_to_measurements"),
        ("reviewapp", "0005_drop_indexes_that_nobody_reads"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="alarm",
            name="a_cause_rings_once_at_a_time",
        ),
        migrations.AddField(
            model_name="alarm",
            name="began_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="alarm",
            name="subject",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AlterField(
            model_name="alarm",
            name="cause",
            field=models.CharField(
                choices=[
                    ("disagreement", "People disagree with the model too often"),
                    ("escapes", "The model passes what people reject"),
                    ("overkill", "The model rejects what people pass"),
                    ("inspector", "One inspector differs from the others"),
                    ("input_drift", "What arrives is no longer what the model knows"),
                    ("prediction_drift", "The model answers otherwise than before"),
                    ("out_of_bounds", "A metric is out of its bounds"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="alarm",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cleared_at", None)),
                fields=("line", "cause", "subject"),
                name="a_cause_rings_once_at_a_time",
            ),
        ),
    ]
