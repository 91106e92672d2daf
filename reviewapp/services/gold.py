"""Gold's verbs: make it of adjudicated items, deal it by lot, keep what was said.

An answer to gold is no label: it stands in a table of its own, so that nothing that
reads labels can take it for evidence, for a decision or for something to learn from.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from reviewapp.errors import ConflictError, InvalidInputError
from reviewapp.lottery import lottery
from reviewapp.models import (
    ClockNow,
    Encounter,
    GoldItem,
    GoldRead,
    GoldTerms,
    Item,
    Label,
    ProductLine,
    Review,
    User,
)
from reviewapp.services.records import record

MOST_SHARE = 0.2

# One statement, as any answer takes: what was said, and what becomes of the review.
STORE_AND_CLOSE = """
WITH said AS (
    UPDATE reviewapp_goldread SET kind = %(kind)s, label_class_id = %(label_class_id)s,
        edition_id = %(edition_id)s, answer_key = %(answer_key)s,
        claimed_at = %(claimed_at)s, active_ms = %(active_ms)s,
        comment = %(comment)s, sight = %(sight)s, boxes = %(boxes)s, also = %(also)s,
        answered_at = coalesce(%(as_of)s::timestamptz, clock_timestamp())
    WHERE review_id = %(review_id)s
    RETURNING review_id, answered_at
)
UPDATE reviewapp_review AS review SET closed_at = said.answered_at,
    claimed_by_id = NULL, claimed_at = NULL, claimed_until = NULL, claim_token = NULL,
    is_reserved = false
FROM said WHERE review.id = %(review_id)s
RETURNING review.closed_at
"""


def draw(
    line: ProductLine, *, by: User, token: UUID, is_reserved: bool
) -> Review | None:
    """Draw whether gold takes the next place in a person's hand, and deal it if so.

    The draw is of the claim's own token under the line's secret: nobody can foresee it,
    and nobody who reads the token can tell how it fell.
    """
    if not line.gold_share or lottery(line.gold_salt, token) >= line.gold_share:
        return None
    review = GoldItem.objects.deal(line, by=by, token=token, is_reserved=is_reserved)
    if review is not None:
        review.line = line
    return review


def store_and_close(said: Label, *, as_of: datetime | None) -> None:
    """Keep what was said of gold and close its review, inside a transaction."""
    values = {
        name: getattr(said, name)
        for name in (
            "kind",
            "label_class_id",
            "edition_id",
            "answer_key",
            "claimed_at",
            "active_ms",
            "comment",
            "review_id",
            "also",
        )
    }
    values["sight"] = said.sight and Jsonb(said.sight)
    values["boxes"] = said.boxes and Jsonb(said.boxes)
    with connection.cursor() as cursor:
        cursor.execute(STORE_AND_CLOSE, values | {"as_of": as_of})
        [said.labelled_at] = cursor.fetchone()


def stored_answer(review: Review, *, by: User, key: UUID) -> Label | None:
    """Give what was said of gold under a key, as a label that is none."""
    read = GoldRead.objects.filter(
        review=review, inspector=by, answer_key=key, answered_at__isnull=False
    ).first()
    if read is None or read.kind is None or read.answered_at is None:
        return None
    return Label(
        review=review,
        item=review.item,
        inspector=by,
        kind=read.kind,
        label_class=read.label_class,
        also=read.also,
        labelled_at=read.answered_at,
    )


def has_answered(review: Review, by: User) -> bool:
    """Say whether a person's answer to a review of gold stands."""
    return GoldRead.objects.filter(
        review=review, inspector=by, answered_at__isnull=False
    ).exists()


def forget_answer(review: Review) -> None:
    """Take an answer to gold back; the last one that stands is the one that counts.

    What was said stays, for its reader to begin with.
    """
    GoldRead.objects.filter(review=review).update(answered_at=None)


def note_encounters(items: Iterable[Item], person: User) -> None:
    """Note that a person meets items elsewhere: none of them becomes gold for them."""
    Encounter.objects.bulk_create(
        [Encounter(item=item, user=person) for item in items], ignore_conflicts=True
    )


def terms_of(line: ProductLine) -> GoldTerms:
    """Give how a line deals gold; the usual terms where nobody has set any."""
    return GoldTerms.objects.filter(line=line).first() or GoldTerms(line=line)


@transaction.atomic
def set_terms(
    line: ProductLine,
    terms: GoldTerms,
    *,
    share: float,
    qualification_size: int,
    by: User,
) -> None:
    """Set how often gold comes, how often each is shown, and what qualifies.

    Raises
    ------
    InvalidInputError
        If the share is above a fifth, or below nothing.
    """
    if not 0 <= share <= MOST_SHARE:
        raise InvalidInputError(
            _("Gold is at most %(share)s of what people get.")
            % {"share": f"{MOST_SHARE:.0%}"}
        )
    ProductLine.objects.select_for_update(no_key=True).only("pk").get(pk=line.pk)
    terms.line = line
    terms.save()
    ProductLine.objects.filter(pk=line.pk).update(
        gold_share=share, qualification_size=qualification_size
    )
    line.gold_share, line.qualification_size = share, qualification_size
    record(
        "gold.terms_set",
        actor=by.pseudonym,
        line=line,
        details={
            "share": share,
            "qualification_size": qualification_size,
            "rest_days": terms.rest_days,
            "most_reads": terms.most_reads,
            "least_hits": terms.least_hits,
            "most_false_alarms": terms.most_false_alarms,
            "valid_days": terms.valid_days,
        },
    )


@transaction.atomic
def make_gold(line: ProductLine, item: Item, *, by: User) -> GoldItem:
    """Make gold of an adjudicated item; its answer is what stands, further classes too.

    Raises
    ------
    ConflictError
        If the item is none that people settled after they had differed, stands in the
        label book, is the golden sample, still waits for somebody, or is or was gold
        already.
    """
    ProductLine.objects.select_for_update(no_key=True).only("pk").get(pk=line.pk)
    item = Item.objects.select_for_update(of=("self",)).get(pk=item.pk)
    if GoldItem.objects.filter(item=item).exists():
        raise ConflictError(_("This item is gold already, or was and is retired."))
    if item.book_examples.exists():
        raise ConflictError(
            _("This item stands in the label book: everybody knows it.")
        )
    if ProductLine.objects.filter(pk=line.pk, golden=item).exists():
        raise ConflictError(_("This is the line's golden sample: everybody knows it."))
    if item.reviews.filter(closed_at=None).exists():
        raise ConflictError(_("This item still waits for somebody."))
    found = Item.objects.adjudicated().filter(pk=item.pk, line=line).first()
    if found is None or found.decision is None or found.decision.label_class is None:
        raise ConflictError(
            _(
                "Gold is made of items that people settled after they had differed, "
                "with two people at least behind the answer."
            )
        )
    GoldTerms.objects.get_or_create(line=line)
    made = GoldItem.objects.create(
        item=item,
        line=line,
        label_class=found.decision.label_class,
        also=found.decision.also,
        added_by=by,
    )
    record(
        "gold.made",
        actor=by.pseudonym,
        line=line,
        subject=str(item.public_id),
        details={"class": made.label_class.key, "also": made.also},
    )
    return made


@transaction.atomic
def retire_gold(gold: GoldItem, *, by: User) -> None:
    """Deal an item no more; who has it in hand just now may still answer it."""
    GoldItem.objects.select_for_update().get(pk=gold.pk)
    GoldItem.objects.filter(pk=gold.pk, retired_at=None).update(
        retired_at=timezone.now()
    )
    Review.objects.filter(gold=gold, closed_at=None).exclude(
        claimed_until__gte=ClockNow()
    ).update(closed_at=ClockNow())
    record(
        "gold.retired",
        actor=by.pseudonym,
        line=gold.line,
        subject=str(gold.item.public_id),
    )


@transaction.atomic
def void_gold(gold: GoldItem, *, by: User) -> None:
    """Find the answer of gold wrong: it is dealt no more, and no read of it counts."""
    retire_gold(gold, by=by)
    GoldItem.objects.filter(pk=gold.pk, voided_at=None).update(voided_at=ClockNow())
    record(
        "gold.voided",
        actor=by.pseudonym,
        line=gold.line,
        subject=str(gold.item.public_id),
    )


def count_dealt(gold: list[GoldItem]) -> None:
    """Count one more showing of each, inside the transaction that shows them."""
    GoldItem.objects.filter(pk__in=[one.pk for one in gold]).update(
        dealt=F("dealt") + 1
    )
