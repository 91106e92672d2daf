"""Let a person's hand hold, beside the review in front, those that come next."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("reviewapp", "0015_let_audit_shares_follow_the_day")]

    operations = [
        migrations.AddField(
            model_name="productline",
            name="hand_size",
            field=models.PositiveSmallIntegerField(
                db_default=2,
                default=2,
                validators=[MinValueValidator(1), MaxValueValidator(3)],
                verbose_name="reviews in hand",
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="is_reserved",
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=Q(is_reserved=False)
                | Q(awaits_second_thought=False, claimed_by__isnull=False),
                name="a_reserved_review_has_a_holder",
            ),
        ),
    ]
