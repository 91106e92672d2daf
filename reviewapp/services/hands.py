"""Hands: the review a person has in front, and those that come next.

What comes next is reserved, so that its picture is in the browser before it is wanted.
Reserving keeps nobody waiting: who has nothing else gets what another only reserved.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import F, Func, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from reviewapp.errors import ConflictError
from reviewapp.models import ProductLine, Review, User
from reviewapp.services import gold
from reviewapp.services.settling import NO_CLAIM

# However often a page asks for more time, an item is free again after so long.
LONGEST_HELD = timedelta(hours=2)

# What was lost is another's, or has another key. What had only expired goes on.
PROLONG = """
WITH shown AS (
    UPDATE reviewapp_review SET claimed_until = greatest(claimed_until, least(
        clock_timestamp() + make_interval(secs => %(for_s)s),
        claimed_at + make_interval(secs => %(longest_s)s)
    ))
    WHERE claimed_by_id = %(by)s AND line_id = %(line)s AND closed_at IS NULL
        AND claim_token = %(key)s
    RETURNING id, claimed_until
), behind AS (
    UPDATE reviewapp_review AS review SET claimed_until = shown.claimed_until
    FROM shown
    WHERE review.claimed_by_id = %(by)s AND review.line_id = %(line)s
        AND review.closed_at IS NULL AND review.is_reserved
        AND review.claimed_until >= clock_timestamp() AND review.id <> shown.id
)
SELECT claimed_until >= clock_timestamp() FROM shown
"""


class HeldElsewhereError(ConflictError):
    """The person has an item of another line in front."""

    code = "held_elsewhere"

    def __init__(self, held: Review) -> None:
        since = timezone.localtime(held.claimed_at)
        super().__init__(
            _(
                "You are holding an item on %(line)s since %(at)s. Go back to it, or "
                "release it, before you take one here."
            )
            % {"line": held.line, "at": f"{since:%H:%M}"}
        )
        self.held = held


def take_first(line: ProductLine, by: User) -> Review | None:
    """Put the first review that a person may have in front, inside a transaction."""
    while review := _first(line, by):
        if not _has_read_before(review):
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
        if _has_read_before(review):
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


def held_elsewhere(by: User, line: ProductLine) -> Review | None:
    """Give what a person has in front on another line; ``None`` if nothing."""
    held = Review.objects.held_by(by).exclude(line=line)
    return held.select_related("line").order_by("claimed_at").first()


def prolong(by: User, line: ProductLine, *, key: UUID) -> bool:
    """Let the claim on what a person sees go on; say whether it still is theirs.

    What comes next goes on with it, lest it be given away from under the page.
    """
    terms: dict[str, Any] = {
        "by": by.pk,
        "line": line.pk,
        "key": key,
        "for_s": line.claim_length_s,
        "longest_s": LONGEST_HELD.total_seconds(),
    }
    with connection.cursor() as cursor:
        cursor.execute(PROLONG, terms)
        row = cursor.fetchone()
    return bool(row and row[0])


def release_all(by: User, *, line: ProductLine | None = None) -> int:
    """Give back what a person holds on a line or anywhere, but for second thoughts."""
    held = Review.objects.in_hand_of(by).filter(awaits_second_thought=False)
    if line is not None:
        held = held.filter(line=line)
    return held.update(**NO_CLAIM)


def _exclude(review: Review, reader: User) -> None:
    Review.objects.filter(pk=review.pk).update(
        excluded=Func(F("excluded"), Value(reader.pk), function="array_append"),
        **NO_CLAIM,
    )


def _has_read_before(review: Review) -> bool:
    """Say whether its holder has answered another read of a claimed review's item."""
    return review.gold_id is None and review.is_read_by_holder
