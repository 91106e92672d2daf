"""Note how lines stand: who reads, what waits, what the model decides and lets out."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0012_let_a_second_person_sign"),
    ]

    operations = [
        migrations.AddField(
            model_name="linestate",
            name="answers",
            field=models.PositiveIntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name="linestate",
            name="arrivals",
            field=models.PositiveIntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name="linestate",
            name="coverage",
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name="linestate",
            name="escape_of",
            field=models.PositiveIntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name="linestate",
            name="escape_upper",
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name="linestate",
            name="evidence_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="linestate",
            name="people_now",
            field=models.PositiveIntegerField(db_default=0),
        ),
    ]
