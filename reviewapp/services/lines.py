"""Lines: making one, its classes and columns, and what the monitor says of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from reviewapp.errors import ConflictError, InvalidInputError
from reviewapp.models import (
    CANNOT_TELL,
    Cause,
    DecidedBy,
    GoldItem,
    Item,
    LabelClass,
    LineState,
    Meaning,
    Modality,
    Payload,
    Policy,
    ProductLine,
    TableSchema,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services.records import actor_name, record

# Numbers first, then letters that the workbench does not use for something else.
HOTKEYS = "1234567890qweadtyhiv"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClass:
    """A permitted answer for a line that is being made or extended."""

    name: str
    meaning: Meaning = Meaning.NEUTRAL
    key: str = ""
    description: str = ""


@transaction.atomic
def create_line(
    *,
    name: str,
    question: str,
    modality: Modality,
    classes: Sequence[NewClass],
    columns: list[dict[str, Any]] | None = None,
    by: User | None,
    slug: str = "",
    as_of: datetime | None = None,
    **settings: Any,
) -> ProductLine:
    """Make a line at MANUAL with its classes and its first policy."""
    at = as_of or timezone.now()
    slug = slug or slugify(name)
    if ProductLine.objects.filter(slug=slug).exists():
        raise ConflictError(
            _("There is a line with the address %(slug)r already.") % {"slug": slug}
        )
    line = ProductLine.objects.create(
        slug=slug, name=name, question=question, modality=modality, **settings
    )
    LineState.objects.create(line=line)
    add_classes(line, classes, by=by)
    if columns is not None:
        set_schema(line, columns, by=by)
    policy = Policy.objects.create(
        line=line,
        number=1,
        level=AutomationLevel.MANUAL,
        audit_shares=default_audit_shares(line),
        epoch_began_at=at,
        level_began_at=at,
        share_began_at=at,
        cause=Cause.CREATED,
        set_by=by,
        created_at=at,
    )
    line.policy = policy
    line.save(update_fields=["policy"])
    record("line.created", actor=actor_name(by), line=line, subject=line.slug)
    return line


def default_audit_shares(line: ProductLine) -> dict[str, float]:
    """Check 5 % of what the model passes, and 10 % of what it rejects or sorts."""
    shares = {Meaning.PASS: 0.05, Meaning.REJECT: 0.1, Meaning.NEUTRAL: 0.1}
    return {c.key: shares[Meaning(c.meaning)] for c in line.classes.in_use()}


@transaction.atomic
def add_classes(
    line: ProductLine, classes: Sequence[NewClass], *, by: User | None
) -> list[LabelClass]:
    """Add permitted answers, each with the next free key."""
    taken = set(line.classes.in_use().values_list("hotkey", flat=True))
    free = [key for key in HOTKEYS if key not in taken]
    if len(classes) > len(free):
        raise InvalidInputError(
            _(
                "A line has at most %(most)s classes in use, one for each free key; "
                "%(taken)s are in use and %(more)s were to be added."
            )
            % {"most": len(HOTKEYS), "taken": len(taken), "more": len(classes)}
        )
    for key in [new.key or slugify(new.name) for new in classes]:
        if key.replace("_", "-") == CANNOT_TELL:
            raise InvalidInputError(
                _(
                    "“Cannot tell” is an answer on every line already and no class: "
                    "what is answered so is left to others. Give the class another "
                    "name."
                )
            )
    position = line.classes.count()
    made = [
        LabelClass.objects.create(
            line=line,
            key=new.key or slugify(new.name),
            name=new.name.strip(),
            meaning=new.meaning,
            description=new.description,
            hotkey=free[number],
            position=position + number,
        )
        for number, new in enumerate(classes)
    ]
    record(
        "line.classes_added",
        actor=actor_name(by),
        line=line,
        details={"classes": [label_class.key for label_class in made]},
    )
    return made


@transaction.atomic
def retire_class(label_class: LabelClass, *, by: User | None) -> None:
    """Take a class out of use; labels that used it stand."""
    line = label_class.line
    ProductLine.objects.select_for_update().get(pk=line.pk)
    if line.classes.in_use().exclude(pk=label_class.pk).count() < 1:
        raise ConflictError(
            _("A line needs at least one class. Add another one first.")
        )
    LabelClass.objects.filter(pk=label_class.pk).update(retired_at=timezone.now())
    record(
        "line.class_retired",
        actor=actor_name(by),
        line=line,
        subject=label_class.key,
    )


@transaction.atomic
def set_bench_terms(line: ProductLine, *, by: User, **terms: Any) -> None:
    """Say how a line's inspectors work: fields of the line that the bench reads."""
    ProductLine.objects.select_for_update().get(pk=line.pk)
    ProductLine.objects.filter(pk=line.pk).update(**terms)
    record("line.bench_set", actor=actor_name(by), line=line, details=terms)


@transaction.atomic
def set_golden(line: ProductLine, item: Item | None, *, by: User) -> None:
    """Choose the line's golden sample, or have none.

    Raises
    ------
    ConflictError
        If the item is no picture, people have not settled it, or somebody still has to
        read it: whoever knows an item by heart is no independent reader of it.
    """
    ProductLine.objects.select_for_update().get(pk=line.pk)
    if item is not None and not Payload.objects.pictures().filter(item=item).exists():
        raise ConflictError(_("Only a picture can stand beside another one."))
    if item is not None and item.reviews.waiting().exists():
        raise ConflictError(
            _("Somebody still has to read this item. Choose one that is settled.")
        )
    if item is not None and not _is_settled_by_people(item):
        raise ConflictError(
            _("People have not settled this item. Choose one they have.")
        )
    if (
        item is not None
        and GoldItem.objects.filter(item=item, retired_at=None).exists()
    ):
        raise ConflictError(_("This item is gold, which nobody may know beforehand."))
    ProductLine.objects.filter(pk=line.pk).update(golden=item)
    line.golden = item
    record(
        "line.golden_set",
        actor=actor_name(by),
        line=line,
        subject=str(item.public_id) if item else "",
    )


def _is_settled_by_people(item: Item) -> bool:
    decision = item.decision
    return decision is not None and decision.decided_by == DecidedBy.PERSON


@transaction.atomic
def set_schema(
    line: ProductLine, columns: list[dict[str, Any]], *, by: User | None
) -> TableSchema:
    """Give a line of table rows a new version of its columns."""
    number = line.schemas.count() + 1
    schema = TableSchema.objects.create(line=line, number=number, columns=columns)
    ProductLine.objects.filter(pk=line.pk).update(schema=schema)
    line.schema = schema
    record(
        "line.schema_set",
        actor=actor_name(by),
        line=line,
        subject=f"schema {number}",
    )
    return schema


def note_judgement(line: ProductLine, *, at: datetime) -> None:
    """Note that the monitor has judged a line: its automation may go on."""
    LineState.objects.update_or_create(line=line, defaults={"judged_at": at})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a line stands, for boards of many lines; fields as in ``LineState``."""

    people_now: int
    answers: int
    arrivals: int
    coverage: float | None
    escape_upper: float | None
    escape_of: int
    evidence_at: datetime | None


def note_standing(line: ProductLine, standing: Standing) -> None:
    """Note how a line stands, so that a board of two hundred lines counts nothing."""
    LineState.objects.update_or_create(line=line, defaults=asdict(standing))


def note_alarms(
    line: ProductLine, *, open_alarms: int, alarm_since: datetime | None
) -> None:
    """Note how many alarms of a line are open, so that no page has to count them."""
    LineState.objects.update_or_create(
        line=line,
        defaults={"open_alarms": open_alarms, "alarm_since": alarm_since},
    )
