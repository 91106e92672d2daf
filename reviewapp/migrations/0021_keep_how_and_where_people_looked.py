"""Keep with a label how its picture was looked at and where it was marked."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviewapp", "0020_refuse_changes_to_published_editions"),
    ]

    operations = [
        migrations.AddField(
            model_name="label",
            name="boxes",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="label",
            name="sight",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="membership",
            name="sight",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="payload",
            name="spans",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="productline",
            name="asks_where",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="asks where"
            ),
        ),
        migrations.AddField(
            model_name="productline",
            name="golden",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reviewapp.item",
            ),
        ),
        migrations.AddConstraint(
            model_name="payload",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("spans__isnull", True),
                    models.Q(("text", ""), _negated=True),
                    _connector="OR",
                ),
                name="only_a_text_has_spans",
            ),
        ),
    ]
