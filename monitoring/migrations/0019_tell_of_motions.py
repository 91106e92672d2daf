"""Let a delivery tell of a motion that waits for a second person."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0018_let_alarms_narrow_the_canary_share"),
        ("reviewapp", "0018_refuse_changes_to_motions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="delivery",
            name="an_event_is_delivered_once_to_each",
        ),
        migrations.AddField(
            model_name="delivery",
            name="motion",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="deliveries",
                to="reviewapp.motion",
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="event",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="deliveries",
                to="monitoring.alarmevent",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                fields=("event", "motion", "person", "webhook"),
                name="each_is_told_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("event__isnull", False), ("motion", None)),
                    models.Q(
                        ("event", None), ("motion__isnull", False), ("webhook", None)
                    ),
                    _connector="OR",
                ),
                name="a_delivery_tells_of_an_event_or_a_motion",
            ),
        ),
    ]
