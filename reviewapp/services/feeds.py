"""Reading the feed of decisions from where a consumer stopped."""

from reviewapp.models import FeedEntry, ProductLine


def feed_after(line: ProductLine, number: int, *, limit: int) -> list[FeedEntry]:
    """Give a line's numbered decisions above a number, in order."""
    entries = (
        FeedEntry.objects.filter(line=line, number__gt=number)
        .select_related("decision__item", "decision__label_class", "decision__policy")
        .order_by("number")
    )
    return list(entries[:limit])
