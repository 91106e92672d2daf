"""Witnesses: the items that show what an alarm rang on."""

from datetime import datetime

from django.db.models import Exists, F, OuterRef

from monitoring.models import Alarm, AlarmCause
from reviewapp.models import Item, Meaning, ModelVersion, ProductLine, Review

MOST_SHOWN = 12
SHOWN_BY = frozenset({AlarmCause.DISAGREEMENT, AlarmCause.ESCAPES, AlarmCause.OVERKILL})


def items_that_show(alarm: Alarm) -> list[Item]:
    """Give the newest items on which model and people differed as the alarm says.

    Only blind first labels from the beginning of the change up to the alarm's end, and
    no item that still waits for somebody: the list gives away what the model said.
    """
    if alarm.cause not in SHOWN_BY:
        return []
    version = version_then(alarm.line, alarm.raised_at)
    if version is None:
        return []
    differed = Review.objects.filter(
        line=alarm.line,
        read_number=1,
        closed_at__isnull=False,
        closed_at__lte=alarm.cleared_at or alarm.raised_at,
        label__shown="nothing",
        item__routing__route__in=["blind", "audit"],
        item__predictions__version=version,
        item__predictions__error="",
    ).exclude(label__kind="retraction")
    if alarm.began_at is not None:
        differed = differed.filter(closed_at__gte=alarm.began_at)
    match alarm.cause:
        case AlarmCause.ESCAPES:
            differed = differed.filter(
                item__predictions__label_class__meaning=Meaning.PASS,
                label__label_class__meaning=Meaning.REJECT,
            )
        case AlarmCause.OVERKILL:
            differed = differed.filter(
                item__predictions__label_class__meaning=Meaning.REJECT,
                label__label_class__meaning=Meaning.PASS,
            )
        case _:
            differed = differed.exclude(
                item__predictions__label_class=F("label__label_class")
            )
    waits = Review.objects.filter(item=OuterRef("item"), closed_at=None)
    rows = (
        differed.exclude(Exists(waits))
        .order_by("-closed_at")
        .values_list("item", flat=True)[:MOST_SHOWN]
    )
    return list(Item.objects.filter(pk__in=list(rows)).with_story().newest_first())


def version_then(line: ProductLine, at: datetime) -> ModelVersion | None:
    """Give the version that was live when the alarm rang."""
    policy = (
        line.policies.filter(created_at__lte=at)
        .select_related("live")
        .order_by("-number")
        .first()
    )
    return policy.live if policy else None
