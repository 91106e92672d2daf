"""Reading what was decided: the feed, one item, and what is held."""

from uuid import UUID

from reviewapp.models import ContainedItem, FeedEntry, Item, ProductLine


def feed_after(line: ProductLine, number: int, *, limit: int) -> list[FeedEntry]:
    """Give a line's numbered decisions above a number, in order."""
    entries = (
        FeedEntry.objects.filter(line=line, number__gt=number)
        .select_related(
            "decision__item",
            "decision__label_class",
            "decision__label",
            "decision__policy",
        )
        .order_by("number")
    )
    return list(entries[:limit])


def item_as_it_stands(line: ProductLine, item_id: UUID) -> Item | None:
    """Give one item of a line with the outcome in force."""
    found = Item.objects.of_line(line).select_related(
        "decision__label_class", "decision__label"
    )
    return found.filter(public_id=item_id).first()


def held_after(line: ProductLine, number: int, *, limit: int) -> list[ContainedItem]:
    """Give a line's held items above a number, in the order they were sent back."""
    held = ContainedItem.objects.holding().filter(containment__line=line, pk__gt=number)
    return list(held.select_related("item").order_by("pk")[:limit])
