"""Reviews: requested human looks, each a place in the queue with its claim."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID, uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.functional import cached_property

from reviewapp.models.claims import CLAIM_FIRST, LOCK, RESERVE_FIRST, claim_terms
from reviewapp.models.clock import ClockNow
from reviewapp.models.items import Item, Payload
from reviewapp.models.routings import Routing
from reviewapp.models.rows import Joined

if TYPE_CHECKING:
    from reviewapp.models.lines import ProductLine
    from reviewapp.models.people import User


class ReviewQuerySet(models.QuerySet["Review"]):
    """The queue, in the words of the house."""

    def visible_to(self, user: "User") -> Self:
        """Reviews that the person holds now."""
        return self.filter(claimed_by=user)

    def waiting(self) -> Self:
        """Reviews nobody has closed yet, claimed or not; gold is nobody's backlog."""
        return self.filter(closed_at=None, gold=None)

    def waiting_on(self, line: "ProductLine") -> Self:
        """Reviews of one line nobody has closed yet."""
        return self.waiting().filter(line=line)

    def free(self) -> Self:
        """Waiting reviews that nobody has in front; an expired claim frees itself.

        One that is only reserved counts, since it is given away before anybody waits.
        """
        return self.waiting().filter(
            Q(claimed_until=None)
            | Q(claimed_until__lt=ClockNow())
            | Q(is_reserved=True),
            awaits_second_thought=False,
        )

    def open_to(self, user: "User") -> Self:
        """Reviews the person may have: nothing answered, skipped or shown before.

        An adjudication is open to the adjudicators of its line only.
        """
        adjudicates = user.memberships.filter(
            line=OuterRef("line"), is_adjudicator=True
        )
        return self.exclude(excluded__contains=[user.pk]).filter(
            Q(is_adjudication=False) | Exists(adjudicates)
        )

    def unsettled(self) -> Self:
        """Closed reviews whose answer has not been weighed with the others yet."""
        return self.filter(is_unsettled=True)

    def adjudications(self) -> Self:
        """Reviews that settle what the readers of an item left open."""
        return self.filter(is_adjudication=True)

    def in_hand_of(self, user: "User") -> Self:
        """Waiting reviews under a live claim of the person, in front or reserved."""
        return self.filter(
            closed_at=None, claimed_by=user, claimed_until__gte=ClockNow()
        )

    def held_by(self, user: "User") -> Self:
        """Waiting reviews that the person has in front now."""
        return self.in_hand_of(user).filter(is_reserved=False)

    def reserved_by(self, user: "User") -> Self:
        """Waiting reviews that the person sees next, first come first."""
        return (
            self.in_hand_of(user).filter(is_reserved=True).order_by("claimed_at", "pk")
        )

    def claim_first(
        self, line: "ProductLine", *, by: "User", token: UUID
    ) -> "Review | None":
        """Put the first review that a person may have in front, with its item.

        That is the first one reserved for the person, which keeps its token; else the
        first free one; else one that is only reserved for somebody else. One statement:
        a row that another transaction has locked is passed over, and the locked row is
        the row that changes, so no review is ever held twice. The time is the
        database's.
        """
        return read_one(CLAIM_FIRST, claim_terms(line, by=by, token=token))

    def reserve_first(
        self, line: "ProductLine", *, by: "User", token: UUID
    ) -> "Review | None":
        """Reserve the first free review for a person whose hand is not full yet.

        It is of another item than those in hand: nobody reads an item twice.
        """
        return read_one(RESERVE_FIRST, claim_terms(line, by=by, token=token))

    def lock(self, line: "ProductLine", public_id: UUID) -> "Review":
        """Lock a review of a line until the transaction ends, with its item."""
        review = read_one(LOCK, {"line": line.pk, "review": public_id})
        if review is None:
            raise self.model.DoesNotExist(f"{line} has no review {public_id}.")
        return review

    def of_last_hour(self, line: "ProductLine", *, at: datetime) -> tuple[int, int]:
        """Count people who hold or closed a review in an hour, and what they closed."""
        since = at - timedelta(hours=1)
        here = self.filter(line=line, gold=None)
        closed = here.filter(closed_at__gte=since, closed_at__lte=at)
        readers = set(closed.values_list("label__inspector", flat=True).distinct())
        readers |= set(
            here.waiting()
            .filter(claimed_until__gte=at)
            .values_list("claimed_by", flat=True)
            .distinct()
        )
        return len(readers - {None}), closed.count()

    def before(self, review: "Review") -> Self:
        """Reviews of the same line that come to people before one."""
        place = review.deferred_to or review.queued_at
        same = Q(priority=review.priority)
        return (
            self.filter(line=review.line_id)
            .alias(place=Coalesce("deferred_to", "queued_at"))
            .filter(
                Q(priority__gt=review.priority)
                | (same & Q(place__lt=place))
                | (same & Q(place=place, pk__lt=review.pk))
            )
        )

    def with_item(self) -> Self:
        """With the item, what it holds and how it was routed."""
        return self.select_related("item__payload", "item__routing")


def read_one(statement: str, parameters: dict[str, Any]) -> "Review | None":
    """Read a review with its item by a statement that claims or locks one."""
    with connection.cursor() as cursor:
        cursor.execute(statement.format(columns=WITH_ITEM.columns), parameters)
        row = cursor.fetchone()
    if row is None:
        return None
    review: Review
    review, item, payload, routing = WITH_ITEM.instances(row[:-1])
    review.is_read_by_holder = row[-1]
    review.item = item
    item.routing = routing
    if payload is not None:
        payload.item = item
    return review


class Review(models.Model):
    """One requested human look at one item.

    A second reader or an adjudication is another review of the same item.
    ``read_number`` counts them, so that an item never gets more reads than asked.
    One that is ``deferred_to`` a later time than it was queued lets others go first.
    ``excluded`` holds the ids of people who may not take it. ``label`` is the newest
    answer, which may be one that was taken back; ``awaits_second_thought`` says that
    a first answer is in and the prediction has been revealed. A claim that is
    ``is_reserved`` is of a review the person sees next, and has not seen yet.
    ``edition`` is the one of the label book in force when it was last shown. A review
    of ``gold`` waits for one ``reader`` alone, and its answer is a gold read. One that
    ``is_adjudication`` decides alone, and only an adjudicator of the line gets it. Of
    one that ``is_reopened`` an answer was taken back; the answer of one that
    ``is_unsettled`` has still to be weighed with the model's or other readers'.
    """

    is_read_by_holder = False  # of another read of the item; set by a claim
    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    item = models.ForeignKey(
        "reviewapp.Item",
        on_delete=models.PROTECT,
        related_name="reviews",
        db_index=False,
    )
    line = models.ForeignKey(
        "reviewapp.ProductLine",
        on_delete=models.PROTECT,
        related_name="reviews",
        db_index=False,
    )
    read_number = models.PositiveSmallIntegerField(default=1)
    priority = models.SmallIntegerField(default=0)
    queued_at = models.DateTimeField(db_default=ClockNow())
    due_at = models.DateTimeField(null=True)
    deferred_to = models.DateTimeField(null=True)
    excluded = ArrayField(models.BigIntegerField(), default=list)
    claimed_by = models.ForeignKey(
        "reviewapp.User",
        null=True,
        on_delete=models.PROTECT,
        related_name="claimed_reviews",
        db_index=False,
    )
    claimed_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    claim_token = models.UUIDField(null=True)
    gold = models.ForeignKey(
        "reviewapp.GoldItem",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    reader = models.ForeignKey(
        "reviewapp.User",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    edition = models.ForeignKey(
        "reviewapp.BookEdition",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    is_reserved = models.BooleanField(db_default=False)
    awaits_second_thought = models.BooleanField(default=False)
    is_adjudication = models.BooleanField(db_default=False)
    is_reopened = models.BooleanField(db_default=False)
    is_unsettled = models.BooleanField(db_default=False)
    closed_at = models.DateTimeField(null=True)
    label = models.ForeignKey(
        "reviewapp.Label",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )

    objects = ReviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "read_number"], name="a_read_is_requested_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    claimed_by=None,
                    claimed_at=None,
                    claimed_until=None,
                    claim_token=None,
                )
                | Q(
                    claimed_by__isnull=False,
                    claimed_at__isnull=False,
                    claimed_until__isnull=False,
                    claim_token__isnull=False,
                ),
                name="a_claim_has_holder_key_and_end",
            ),
            models.CheckConstraint(
                condition=Q(is_reserved=False)
                | Q(claimed_by__isnull=False, awaits_second_thought=False),
                name="a_reserved_review_has_a_holder",
            ),
            models.CheckConstraint(
                condition=Q(deferred_to=None) | Q(deferred_to__gt=F("queued_at")),
                name="a_review_is_put_off_to_a_later_time",
            ),
            models.CheckConstraint(
                condition=Q(gold=None, reader=None)
                | Q(
                    gold__isnull=False,
                    reader__isnull=False,
                    label=None,
                    awaits_second_thought=False,
                ),
                name="gold_is_for_one_reader_and_gets_no_label",
            ),
            models.CheckConstraint(
                condition=Q(awaits_second_thought=False)
                | Q(closed_at=None, label__isnull=False),
                name="a_second_thought_follows_a_first_answer",
            ),
            models.CheckConstraint(
                condition=Q(is_unsettled=False)
                | Q(closed_at__isnull=False, label__isnull=False),
                name="only_an_answered_review_waits_to_be_settled",
            ),
        ]
        indexes = [
            models.Index(
                F("line"),
                F("priority").desc(),
                Coalesce("deferred_to", "queued_at"),
                F("id"),
                condition=Q(closed_at=None),
                name="review_queue",
            ),
            models.Index(
                fields=["line", "due_at"],
                condition=Q(closed_at=None, deferred_to__isnull=False),
                name="review_put_off",
            ),
            models.Index(
                F("line"),
                F("closed_at").desc(),
                condition=Q(closed_at__isnull=False),
                name="review_closed",
            ),
            models.Index(
                fields=["claimed_by"],
                condition=Q(closed_at=None, claimed_by__isnull=False),
                name="review_in_hand",
            ),
            models.Index(
                fields=["reader"],
                condition=Q(closed_at=None, reader__isnull=False),
                name="review_of_gold",
            ),
            models.Index(
                fields=["item"], condition=Q(is_unsettled=True), name="review_to_settle"
            ),
        ]

    def __str__(self) -> str:
        return f"review {self.public_id}"

    @cached_property
    def behind(self) -> "list[Review]":
        """The reviews that this one's holder sees next, as far as they are reserved."""
        reserved = Review.objects.filter(
            line=self.line_id,
            claimed_by=self.claimed_by_id,
            is_reserved=True,
            closed_at=None,
            claimed_until__gte=ClockNow(),
        )
        return list(reserved.with_item().order_by("claimed_at", "pk"))


WITH_ITEM = Joined(
    review=(
        Review,
        [
            "public_id",
            "item",
            "line",
            "read_number",
            "priority",
            "claimed_by",
            "claimed_at",
            "claim_token",
            "gold",
            "edition",
            "is_reserved",
            "awaits_second_thought",
            "is_adjudication",
            "is_reopened",
            "closed_at",
            "label",
        ],
    ),
    item=(Item, ["public_id", "external_id", "line", "decision", "routing"]),
    payload=(
        Payload,
        [
            "schema",
            "values",
            "text",
            "spans",
            "media_path",
            "media_type",
            "width",
            "height",
        ],
    ),
    routing=(
        Routing,
        [
            "item",
            "policy",
            "route",
            "version",
            "prediction",
            "overlap_draw",
            "overlap_share",
            "style_draw",
        ],
    ),
)
