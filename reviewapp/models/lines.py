"""Product lines: what shares classes, a policy and a level."""

import json
from functools import lru_cache
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import connection, models
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from reviewapp.models.asides import SkipPolicy, SkipReason
from reviewapp.models.rows import Joined

if TYPE_CHECKING:
    from reviewapp.models.people import Role, User
    from reviewapp.models.policies import Policy


def new_salt() -> str:
    """Make the secret that one lottery of one line is drawn with."""
    return token_hex(16)


class Modality(models.TextChoices):
    """The kinds of payload that a line's items have."""

    IMAGE = "image", _("Image")
    TABULAR = "tabular", _("Table row")
    TEXT = "text", _("Text")
    AUDIO = "audio", _("Recording")


class Meaning(models.TextChoices):
    """What becomes of an item of a class; it sets the class's target."""

    PASS = "pass", _("Passes")
    REJECT = "reject", _("Is rejected")
    NEUTRAL = "neutral", _("Neither")


class ProductLineQuerySet(models.QuerySet["ProductLine"]):
    """Reads of product lines, in the words of the house."""

    def visible_to(self, user: "User") -> Self:
        """Lines the person works on; an admin runs all of them."""
        if user.is_admin:
            return self.all()
        return self.filter(memberships__user=user).distinct()

    def with_role(self, user: "User", *roles: "Role") -> Self:
        """Lines on which the person holds one of the roles."""
        return self.filter(
            memberships__user=user, memberships__role__in=roles
        ).distinct()

    def with_policy(self) -> Self:
        """With the policy in force, its versions, the columns and the state."""
        return self.select_related(
            "policy__live", "policy__candidate", "schema", "state"
        )

    def in_use(self) -> Self:
        """Lines that take items."""
        return self.filter(archived_at=None)

    def of_review(self, review_id: UUID, inspector: "User") -> "ProductLine | None":
        """Give the line of a review, with its state, its classes and the kept sight.

        ``None`` unless the person inspects there. One statement, since every answer
        begins with it.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                OF_REVIEW.format(columns=WITH_STATE.columns),
                {"review": review_id, "user": inspector.pk},
            )
            row = cursor.fetchone()
        if row is None:
            return None
        line: ProductLine
        line, state = WITH_STATE.instances(row)
        if state is not None:
            state.line = line
        line.seen_edition_id = row[-3]
        line.kept_sight = json.loads(row[-2] or "null")
        line.open_classes = [
            LabelClass.from_db(connection.alias, CLASS_FIELDS, values)
            for values in json.loads(row[-1] or "[]")
        ]
        return line


class ProductLine(models.Model):
    """A review line with its classes, its policy and its queue.

    ``edition`` is the one of the label book in force; ``None`` before the first.
    ``gold_share`` of what people get is gold; where ``qualification_size`` is not 0,
    only who has passed a run of so many gold items gets work.
    A passing answer is refused before ``least_look_s`` seconds have gone by.
    The six salts are secret: whoever knows one could foresee who is looked at.
    A line that ``asks_where`` has places marked on its pictures, with the answer.
    ``golden`` is a known item that inspectors may put beside the one in front.
    Where it ``allows_several`` an item may have several classes at once.
    ``kept_sight`` is how the reader of a review last looked at a picture of the line.
    """

    kept_sight: dict[str, Any] | None = None

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100)
    question = models.CharField(_("question"), max_length=200)
    modality = models.CharField(_("kind of item"), max_length=16, choices=Modality)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    shift_starts = models.JSONField(default=list, blank=True)
    claim_length_s = models.PositiveIntegerField(
        default=300, validators=[MinValueValidator(30), MaxValueValidator(3600)]
    )
    hand_size = models.PositiveSmallIntegerField(
        _("reviews in hand"),
        default=2,
        db_default=2,
        validators=[MinValueValidator(1), MaxValueValidator(3)],
    )
    prediction_deadline_s = models.PositiveIntegerField(
        default=30, validators=[MinValueValidator(1), MaxValueValidator(3600)]
    )
    inspectors_may_stop = models.BooleanField(default=True)
    asks_where = models.BooleanField(_("asks where"), default=False, db_default=False)
    allows_several = models.BooleanField(
        _("several classes at once"), default=False, db_default=False
    )
    golden = models.ForeignKey(
        "reviewapp.Item",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    skip_policy = models.CharField(
        _("a skipped item goes"),
        max_length=8,
        choices=SkipPolicy,
        default=SkipPolicy.OTHERS,
        db_default=SkipPolicy.OTHERS,
    )
    skip_reasons = ArrayField(
        models.CharField(max_length=40), default=list, db_default=[], blank=True
    )
    least_look_s = models.PositiveSmallIntegerField(
        _("seconds before an item may pass"),
        default=0,
        db_default=0,
        validators=[MaxValueValidator(60)],
    )
    shows_earlier_answers = models.BooleanField(
        _("adjudicators see the earlier answers"), default=False, db_default=False
    )
    policy = models.ForeignKey(
        "reviewapp.Policy", null=True, on_delete=models.PROTECT, related_name="+"
    )
    schema = models.ForeignKey(
        "reviewapp.TableSchema",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    edition = models.ForeignKey(
        "reviewapp.BookEdition",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    gold_share = models.FloatField(
        _("share of gold"),
        default=0,
        db_default=0,
        validators=[MinValueValidator(0), MaxValueValidator(0.2)],
    )
    qualification_size = models.PositiveSmallIntegerField(default=0, db_default=0)
    look_salt = models.CharField(max_length=64, default=new_salt, editable=False)
    canary_salt = models.CharField(max_length=64, default=new_salt, editable=False)
    candidate_salt = models.CharField(max_length=64, default=new_salt, editable=False)
    overlap_salt = models.CharField(max_length=64, default=new_salt, editable=False)
    gold_salt = models.CharField(max_length=64, default=new_salt, editable=False)
    style_salt = models.CharField(max_length=64, default=new_salt, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    # Set where a line was read for one inspector, see ``of_review``.
    seen_edition_id: int | None = None

    objects = ProductLineQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def open_classes(self) -> "list[LabelClass]":
        """The classes that may be chosen now, read once a request."""
        return list(self.classes.in_use())

    @property
    def has_news(self) -> bool:
        """Say whether the inspector it was read for has not read the book in force."""
        return self.edition_id not in {None, self.seen_edition_id}

    @property
    def reasons_to_skip(self) -> list[tuple[str, str]]:
        """The line's reasons to skip, each as it is stored and as it is read."""
        own = [(reason, reason) for reason in self.skip_reasons]
        return own or [(code, str(name)) for code, name in SkipReason.choices]

    @property
    def in_force(self) -> "Policy":
        """The policy in force; a line has one from its creation on."""
        if self.policy is None:
            raise RuntimeError(f"Line {self.slug} has no policy.")
        return self.policy


class LineState(models.Model):
    """What the workers last saw of a line, so that no page has to count a queue.

    ``judged_at`` is when the monitor last judged the line: automation does not outlive
    its monitor. ``waiting`` is counted up to a limit, beyond which it is "at least".
    ``overdue`` of them are past their due time; ``set_aside`` are items that have left
    the queue for the manager. ``alarm_since`` is when the oldest of the ``open_alarms``
    rang.

    Of the last hour are ``people_now``, who read, ``answers``, the reviews closed, and
    ``arrivals``, the items that came to people. ``coverage`` is the share of a week's
    items that the model decided alone, ``escape_upper`` the upper bound of its escape
    rate over 30 days (of ``escape_of`` labels), ``evidence_at`` the end of the hour of
    the newest blind pair.
    """

    line = models.OneToOneField(
        ProductLine, primary_key=True, on_delete=models.CASCADE, related_name="state"
    )
    waiting = models.PositiveIntegerField(default=0)
    unrouted = models.PositiveIntegerField(default=0)
    overdue = models.PositiveIntegerField(db_default=0)
    set_aside = models.PositiveIntegerField(db_default=0)
    oldest_waiting_at = models.DateTimeField(null=True)
    counted_at = models.DateTimeField(null=True)
    judged_at = models.DateTimeField(null=True)
    open_alarms = models.PositiveIntegerField(db_default=0)
    alarm_since = models.DateTimeField(null=True)
    people_now = models.PositiveIntegerField(db_default=0)
    answers = models.PositiveIntegerField(db_default=0)
    arrivals = models.PositiveIntegerField(db_default=0)
    coverage = models.FloatField(null=True)
    escape_upper = models.FloatField(null=True)
    escape_of = models.PositiveIntegerField(db_default=0)
    evidence_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.line}: {self.waiting} waiting"

    @property
    def empty_in_h(self) -> float | None:
        """Hours until nothing waits at the last hour's pace; ``None`` if it grows."""
        if self.waiting == 0:
            return 0.0
        shrinks = self.answers - self.arrivals
        return self.waiting / shrinks if shrinks > 0 else None


class LabelClassQuerySet(models.QuerySet["LabelClass"]):
    """Reads of a line's permitted answers."""

    def in_use(self) -> Self:
        """Classes that may be chosen now."""
        return self.filter(retired_at=None)

    def answered_by(self, user: "User") -> Self:
        """Classes of the lines on which the person inspects."""
        return self.filter(
            line__memberships__user=user, line__memberships__role="inspector"
        )


class LabelClass(models.Model):
    """One permitted answer on a line.

    ``key`` is the name that models and files use; it never changes. ``hotkey`` is the
    key that an inspector presses.
    """

    line = models.ForeignKey(
        ProductLine, on_delete=models.CASCADE, related_name="classes"
    )
    key = models.SlugField(max_length=60)
    name = models.CharField(_("name"), max_length=60)
    meaning = models.CharField(
        _("what becomes of the item"),
        max_length=8,
        choices=Meaning,
        default=Meaning.NEUTRAL,
    )
    description = models.CharField(_("description"), max_length=300, blank=True)
    hotkey = models.CharField(_("key"), max_length=1)
    position = models.PositiveSmallIntegerField()
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = LabelClassQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["line", "key"], name="a_class_key_is_used_once"
            ),
            models.UniqueConstraint(
                "line", Lower("name"), name="a_class_name_is_used_once"
            ),
            models.UniqueConstraint(
                fields=["line", "hotkey"],
                condition=models.Q(retired_at=None),
                name="a_hotkey_means_one_class",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TableSchema(models.Model):
    """One version of what a line's table rows hold; columns are never changed."""

    line = models.ForeignKey(
        ProductLine, on_delete=models.CASCADE, related_name="schemas"
    )
    number = models.PositiveIntegerField()
    columns = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["line", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["line", "number"], name="a_schema_number_is_used_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.line}, schema {self.number}"


CLASS_FIELDS = ["id", "line_id", "key", "name", "meaning", "description", "hotkey"]
WITH_STATE = Joined(
    line=(ProductLine, [f.name for f in ProductLine._meta.concrete_fields]),  # noqa: SLF001 - Django's public name for it
    state=(LineState, [f.name for f in LineState._meta.concrete_fields]),  # noqa: SLF001 - likewise
)
OF_REVIEW = """
SELECT {columns}, membership.seen_edition_id, membership.sight, (
    SELECT jsonb_agg(
        jsonb_build_array(id, line_id, key, name, meaning, description, hotkey)
        ORDER BY position, id
    )
    FROM reviewapp_labelclass WHERE line_id = line.id AND retired_at IS NULL
)
FROM reviewapp_review AS review
    JOIN reviewapp_productline AS line ON line.id = review.line_id
    JOIN reviewapp_membership AS membership
        ON membership.line_id = line.id AND membership.user_id = %(user)s
        AND membership.role = 'inspector'
    LEFT JOIN reviewapp_linestate AS state ON state.line_id = line.id
WHERE review.public_id = %(review)s
"""


@lru_cache(maxsize=512)
def schema_by_id(schema_id: int) -> TableSchema:
    """Give a schema; rows that never change are read once."""
    return TableSchema.objects.get(pk=schema_id)
