"""The label book: what each class of a line means, in words and by real items."""

from typing import TYPE_CHECKING, Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reviewapp.models.clock import ClockNow

if TYPE_CHECKING:
    from reviewapp.models.lines import ProductLine


class ExampleKind(models.TextChoices):
    """What an example shows of its class."""

    REPRESENTATIVE = "representative", _("Typical")
    COUNTER = "counter", _("Not this class")
    BORDERLINE = "borderline", _("Borderline")


class BookEditionQuerySet(models.QuerySet["BookEdition"]):
    """Reads of editions, in the words of the house."""

    def of_line(self, line: "ProductLine") -> Self:
        """Editions of one line's book, the newest first."""
        return self.filter(line=line).order_by("-number")

    def published(self) -> Self:
        """Editions that are or were in force."""
        return self.filter(published_at__isnull=False)

    def drafts(self) -> Self:
        """Editions that a manager still works on."""
        return self.filter(published_at=None)


class BookEdition(models.Model):
    """One edition of a line's label book; never changed once it is published.

    A line has one draft at most. ``note`` says what changed since the edition before.
    """

    line = models.ForeignKey(
        "reviewapp.ProductLine", on_delete=models.PROTECT, related_name="editions"
    )
    number = models.PositiveIntegerField()
    note = models.CharField(_("what changed"), max_length=500, blank=True)
    begun_by = models.ForeignKey(
        "reviewapp.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    begun_at = models.DateTimeField(db_default=ClockNow())
    published_by = models.ForeignKey(
        "reviewapp.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True)

    objects = BookEditionQuerySet.as_manager()

    class Meta:
        ordering = ["line", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["line", "number"], name="an_edition_number_is_used_once"
            ),
            models.UniqueConstraint(
                fields=["line"],
                condition=Q(published_at=None),
                name="a_line_has_one_draft_of_its_book",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None, published_by=None)
                | (Q(published_at__isnull=False) & ~Q(note="")),
                name="a_published_edition_says_what_changed",
            ),
        ]

    def __str__(self) -> str:
        return f"edition {self.number}"


class BookDefinition(models.Model):
    """What a class means, in the words of one edition."""

    edition = models.ForeignKey(
        BookEdition, on_delete=models.CASCADE, related_name="definitions"
    )
    label_class = models.ForeignKey(
        "reviewapp.LabelClass", on_delete=models.PROTECT, related_name="+"
    )
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "label_class"],
                name="a_class_is_defined_once_in_an_edition",
            )
        ]

    def __str__(self) -> str:
        return f"{self.label_class}: {self.text}"


class BookExampleQuerySet(models.QuerySet["BookExample"]):
    """Reads of examples, in the words of the house."""

    def with_item(self) -> Self:
        """With what the item holds, if it still does."""
        return self.select_related("item__payload__schema", "label_class")


class BookExample(models.Model):
    """A real item that shows where a class begins or ends.

    It is known to everybody who reads the book, so that nobody is asked about it any
    more. ``public_id`` is its address in the book, which is no address of a review.
    """

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    edition = models.ForeignKey(
        BookEdition, on_delete=models.CASCADE, related_name="examples"
    )
    label_class = models.ForeignKey(
        "reviewapp.LabelClass", on_delete=models.PROTECT, related_name="+"
    )
    item = models.ForeignKey(
        "reviewapp.Item", on_delete=models.PROTECT, related_name="book_examples"
    )
    kind = models.CharField(max_length=14, choices=ExampleKind)
    note = models.CharField(max_length=200, blank=True)

    objects = BookExampleQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "item"], name="an_item_is_one_example_of_an_edition"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.label_class}"
