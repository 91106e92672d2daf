"""Items: the things to be inspected, and what is known of each."""

from datetime import datetime
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Count, F, Q

from reviewapp.modalities.spans import Part, parts_of
from reviewapp.models.clock import ClockNow
from reviewapp.policy import Route

if TYPE_CHECKING:
    from reviewapp.models.people import User


class ItemQuerySet(models.QuerySet["Item"]):
    """Reads of items, in the words of the house."""

    def visible_to(self, user: "User") -> Self:
        """Items of lines the person works on; an admin sees no item content."""
        return self.filter(line__memberships__user=user).distinct()

    def of_line(self, line: object) -> Self:
        """Items of one line."""
        return self.filter(line=line)

    def come_to_people(self, *, start: datetime, end: datetime) -> Self:
        """Items received in [start, end) that the model does not decide alone."""
        return self.filter(received_at__gte=start, received_at__lt=end).exclude(
            routing__route=Route.AUTOMATIC.value
        )

    def adjudicated(self) -> Self:
        """Items that people settled after they, or the model and they, had differed.

        Two people at least stand for the answer: one person's word is no yardstick.
        """
        answered = Q(
            reviews__closed_at__isnull=False, reviews__label__label_class__isnull=False
        )
        stands = Q(reviews__label__label_class=F("decision__label_class"))
        found = self.filter(
            decision__decided_by="person", payload__isnull=False, withdrawn_at=None
        ).annotate(
            stand=Count("reviews", filter=answered & stands, distinct=True),
            differ=Count("reviews", filter=answered & ~stands, distinct=True),
        )
        overruled = Q(decision__supersedes__decided_by="model")
        return found.filter(Q(differ__gte=1) | overruled, stand__gte=2)

    def known_to_nobody(self) -> Self:
        """Items no reader knows by heart: no example, and not the golden sample."""
        return self.filter(book_examples=None).exclude(line__golden=F("pk"))

    def could_become_gold(self) -> Self:
        """Adjudicated items that nobody knows by heart and that never were gold."""
        return self.adjudicated().filter(gold=None).known_to_nobody()

    def flagged(self) -> Self:
        """Items that a reader has flagged."""
        return self.filter(flags__isnull=False).distinct()

    def newest_first(self) -> Self:
        """In the order in which lists show them."""
        return self.order_by("-pk")

    def with_story(self) -> Self:
        """With what the item's page and the lists of items show."""
        return self.select_related(
            "payload", "routing__policy", "decision__label_class", "decision__label"
        )


class Item(models.Model):
    """One thing to be inspected.

    Work to do is the state of the row: ``predict_after`` says from when on a worker may
    predict it (``None``: nothing to predict), ``route_by`` when it goes to people if no
    prediction came (``None``: it is routed). ``occurred_at`` is the capture time, else
    the time of receipt. A higher ``priority``, which its sender gives, comes first.
    Whatever may have to be erased is in ``Payload``.
    """

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    line = models.ForeignKey(
        "reviewapp.ProductLine",
        on_delete=models.PROTECT,
        related_name="items",
        db_index=False,
    )
    external_id = models.CharField(max_length=255)
    group = models.CharField(max_length=255, blank=True)
    captured_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(db_default=ClockNow())
    occurred_at = models.DateTimeField()
    content_sha256 = models.CharField(max_length=64)
    input_metrics = models.JSONField(default=dict)
    priority = models.SmallIntegerField(db_default=0)
    predict_after = models.DateTimeField(null=True)
    predict_attempts = models.PositiveSmallIntegerField(default=0)
    route_by = models.DateTimeField(null=True)
    routing = models.ForeignKey(
        "reviewapp.Routing",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    decision = models.ForeignKey(
        "reviewapp.Decision",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "external_id"], name="an_external_id_is_received_once"
            )
        ]
        indexes = [
            models.Index(fields=["line", "occurred_at"], name="item_by_hour"),
            BrinIndex(fields=["received_at"], name="item_by_receipt"),
            models.Index(
                fields=["predict_after"],
                condition=models.Q(predict_after__isnull=False),
                name="item_to_predict",
            ),
            models.Index(
                fields=["route_by"],
                condition=models.Q(route_by__isnull=False),
                name="item_to_route",
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class PayloadQuerySet(models.QuerySet["Payload"]):
    """Reads of what items hold."""

    def pictures(self) -> Self:
        """Those that are pictures."""
        return self.filter(width__isnull=False)


class Payload(models.Model):
    """What an item holds: the erasable part.

    A table row has ``values`` under a schema; a text stands in ``text``; a medium has
    the address of the one derivative that people and models both see. A text may have
    ``spans`` to be seen, each with its start, its end and a label. Of a text or a
    medium the hash of what was sent is kept. Only a picture has ``width`` and
    ``height``.
    """

    item = models.OneToOneField(
        Item, primary_key=True, on_delete=models.CASCADE, related_name="payload"
    )
    schema = models.ForeignKey(
        "reviewapp.TableSchema",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    values = models.JSONField(null=True)
    text = models.TextField(blank=True)
    spans = models.JSONField(null=True)
    media_path = models.CharField(max_length=120, blank=True)
    media_type = models.CharField(max_length=40, blank=True)
    media_sha256 = models.CharField(max_length=64, blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    original_sha256 = models.CharField(max_length=64, blank=True)
    original_name = models.CharField(max_length=255, blank=True)

    objects = PayloadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(values__isnull=False, text="", media_path="")
                | (models.Q(values__isnull=True, media_path="") & ~models.Q(text=""))
                | (models.Q(values__isnull=True, text="") & ~models.Q(media_path="")),
                name="a_payload_is_a_row_a_text_or_a_medium",
            ),
            models.CheckConstraint(
                condition=models.Q(spans__isnull=True) | ~models.Q(text=""),
                name="only_a_text_has_spans",
            ),
        ]

    def __str__(self) -> str:
        return self.original_name or f"payload of item {self.item_id}"

    @property
    def is_recording(self) -> bool:
        """Say whether it is to be heard."""
        return self.media_type.startswith("audio/")

    @property
    def parts(self) -> list[Part]:
        """The text, cut where its spans begin and end."""
        return parts_of(self.text, self.spans or [])
