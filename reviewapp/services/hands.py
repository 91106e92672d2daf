"""Hands: the review a person has in front, and those that come next.

What comes next is reserved, so that its picture is in the browser before it is wanted.
Reserving keeps nobody waiting: who has nothing else gets what another only reserved.
"""

from uuid import uuid4

from django.db.models import F, Func, Value

from reviewapp.models import Label, ProductLine, Review, User
from reviewapp.services import gold
from reviewapp.services.routings import reads_wanted
from reviewapp.services.settling import NO_CLAIM


def take_first(line: ProductLine, by: User) -> Review | None:
    """Put the first review that a person may have in front, inside a transaction."""
    while review := _first(line, by):
        if not _has_read_before(review, by):
            review.line = line
            return review
        _exclude(review, by)
    return None


def fill(line: ProductLine, by: User) -> list[Review]:
    """Reserve reviews until the person's hand is full; give those that were added."""
    added: list[Review] = []
    while len(added) < line.hand_size - 1:
        review = _following(line, by)
        if review is None:
            break
        if _has_read_before(review, by):
            _exclude(review, by)
            continue
        review.line = line
        added.append(review)
    return added


def _first(line: ProductLine, by: User) -> Review | None:
    token = uuid4()
    review = None
    if line.hand_size == 1:
        review = gold.draw(line, by=by, token=token, is_reserved=False)
    return review or Review.objects.claim_first(line, by=by, token=token)


def _following(line: ProductLine, by: User) -> Review | None:
    token = uuid4()
    return gold.draw(
        line, by=by, token=token, is_reserved=True
    ) or Review.objects.reserve_first(line, by=by, token=token)


def put_back(by: User, line: ProductLine) -> int:
    """Give back what is only reserved for a person; return how many there were."""
    reserved = Review.objects.filter(line=line).reserved_by(by)
    return reserved.order_by().update(**NO_CLAIM)


def release_all(by: User) -> int:
    """Give back everything a person holds anywhere, but for a second thought."""
    held = Review.objects.in_hand_of(by).filter(awaits_second_thought=False)
    return held.update(**NO_CLAIM)


def _exclude(review: Review, reader: User) -> None:
    Review.objects.filter(pk=review.pk).update(
        excluded=Func(F("excluded"), Value(reader.pk), function="array_append"),
        **NO_CLAIM,
    )


def _has_read_before(review: Review, inspector: User) -> bool:
    """Say whether the person has answered another read of the item."""
    if review.gold_id is not None:
        return False
    routing = review.item.routing
    is_read_once = routing is not None and reads_wanted(routing) == 1
    if review.read_number == 1 and is_read_once:
        return False
    return (
        Label.objects.filter(item=review.item_id, inspector=inspector)
        .exclude(review=review)
        .exists()
    )
