"""Reading what the review page shows: the item, the question, and nothing more."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from reviewapp.models import (
    FlagKind,
    GoldRead,
    Label,
    LabelClass,
    Meaning,
    Payload,
    Prediction,
    ProductLine,
    Review,
    TableSchema,
    User,
)
from reviewapp.services import keys
from reviewapp.services.answers import passing_of
from reviewapp.services.corrections import (
    GivenAnswer,
    answer_before,
    last_answers,
)
from reviewapp.services.keys import SheetRow
from reviewapp.services.qualifications import may_work
from reviewapp.services.reviews import prediction_in_sight
from reviewapp.services.several import names_of

BEATS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One value of a table row, beside what its column expects."""

    name: str
    value: Any
    unit: str
    low: float | None
    high: float | None

    @property
    def is_missing(self) -> bool:
        """Say whether nothing was sent."""
        return self.value is None

    @property
    def is_low(self) -> bool:
        """Say whether a number lies below its range."""
        return self._is_number and self.low is not None and self.value < self.low

    @property
    def is_high(self) -> bool:
        """Say whether a number lies above its range."""
        return self._is_number and self.high is not None and self.value > self.high

    @property
    def reference(self) -> str:
        """The range that is expected, as a person reads it; empty if there is none."""
        low = "" if self.low is None else f"{self.low:g}"
        high = "" if self.high is None else f"{self.high:g}"
        if low and high:
            return f"{low} \u2013 {high}"
        return f"≥ {low}" if low else f"≤ {high}" if high else ""

    @property
    def beyond(self) -> str:
        """How far a number lies outside of its range, in its own unit."""
        if self.is_low and self.low is not None:
            return f"{self.low - self.value:.3g}"
        if self.is_high and self.high is not None:
            return f"{self.value - self.high:.3g}"
        return ""

    @property
    def place(self) -> int | None:
        """Where a number lies on a scale of 60 whose range is 15 to 45."""
        if not self._is_number or self.low is None or self.high is None:
            return None
        width = self.high - self.low
        share = (self.value - self.low) / width if width else 0.5
        return round(min(max(15 + 30 * share, 4), 56))

    @property
    def _is_number(self) -> bool:
        return isinstance(self.value, int | float) and not isinstance(self.value, bool)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A review that comes next: what the browser may have of it before it is shown.

    Where a prediction might be shown with it or after an answer, that is its medium
    only: then the server has the word first.
    """

    review_id: UUID
    key: UUID | None
    payload: Payload
    cells: list[Cell]
    boxes: str
    may_step: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbench:
    """All that the page of a held review is made of.

    ``prediction`` is ``None`` wherever the policy hides it: then the page is the same
    as for an item that has none. ``corrects`` says that an answer to the review was
    taken back, of whatever kind it is. ``boxes`` are JSON, empty where the line
    does not ask where; ``marks_as`` is the class that a new one has. ``chosen`` are the
    keys of the classes that are pressed or put on. ``earlier`` are
    the bare answers that an adjudicator may see, where the line says so.
    """

    review_id: UUID
    key: UUID | None
    line: ProductLine
    payload: Payload
    cells: list[Cell]
    classes: list[LabelClass]
    prediction: Prediction | None
    is_second_thought: bool
    first_answer: str
    behind: list[Behind]
    answers: list[GivenAnswer]
    is_saved: bool
    corrects: bool
    keys: dict[str, str]
    printed: dict[str, str]
    sheet: list[SheetRow]
    sight: str
    boxes: str
    marks_as: str
    passing: str
    chosen: Sequence[str]
    comment: str
    refusal: str
    noted: str
    earlier: list[str]
    flags: list[tuple[str, str]]

    @property
    def beat_s(self) -> int:
        """How often the page asks for its claim to go on: thrice in its length."""
        return self.line.claim_length_s // BEATS


def workbench(
    review: Review,
    user: User,
    *,
    is_saved: bool = False,
    chosen: Sequence[str] = (),
    boxes: str = "",
    comment: str = "",
    refusal: str = "",
    noted: str = "",
) -> Workbench:
    """Gather the page of a held review; ``is_saved`` says an answer was just stored.

    ``chosen``, ``boxes`` and ``comment`` are what was sent with an answer that is
    refused.
    """
    line, names = review.line, {c.key: c.name for c in review.line.open_classes}
    first = review.label if review.awaits_second_thought else None
    begins = line.asks_where or line.allows_several
    before = answer_before(review) if begins else None
    own_keys = keys.keys_on(user, line.open_classes)
    passing = passing_of(line.open_classes)
    rejecting = [c for c in line.open_classes if c.meaning == Meaning.REJECT]
    return Workbench(
        review_id=review.public_id,
        key=review.claim_token,
        line=line,
        payload=review.item.payload,
        cells=cells_of(review.item.payload, line.schema),
        classes=line.open_classes,
        prediction=prediction_in_sight(review),
        is_second_thought=review.awaits_second_thought,
        first_answer=names_of(first, names) if first else "",
        behind=behind_of(review),
        answers=last_answers(user, line),
        is_saved=is_saved,
        corrects=review.is_reopened and not review.awaits_second_thought,
        keys=own_keys,
        printed=keys.printed(own_keys),
        sheet=keys.sheet(
            user,
            line.open_classes,
            modality=line.modality,
            without=_without(line, passes=bool(passing)),
        ),
        boxes=boxes or _boxes_of(before, line),
        marks_as=(rejecting or line.open_classes)[0].key if line.open_classes else "",
        sight=json.dumps(line.kept_sight) if line.kept_sight else "",
        passing=passing,
        chosen=chosen or _classes_of(before, line),
        comment=comment,
        refusal=refusal,
        noted=noted,
        earlier=_earlier_answers(review),
        flags=[(code, str(name)) for code, name in FlagKind.choices],
    )


def _earlier_answers(review: Review) -> list[str]:
    """Give what an item's readers said, each class once and without who or how many."""
    if not _shows_earlier(review, review.line):
        return []
    said = Label.objects.filter(item=review.item, superseded_by=None).exclude(
        review=review
    )
    names = dict(review.line.classes.values_list("key", "name"))
    return sorted(
        {
            name
            for label in said.select_related("label_class")
            for name in (str(label), *(names.get(key, key) for key in label.also))
        }
    )


def _shows_earlier(review: Review, line: ProductLine) -> bool:
    return review.is_adjudication and line.shows_earlier_answers


def _without(line: ProductLine, *, passes: bool) -> set[str]:
    """Name the actions that a line does not have."""
    has = {
        "pass": passes,
        "golden": line.golden_id is not None,
        "mark": line.asks_where,
    }
    return {action for action, is_there in has.items() if not is_there}


def behind_of(review: Review) -> list[Behind]:
    """Give what may be sent ahead of the reviews that come after this one."""
    line = review.line
    may_step = not line.in_force.automation_level.may_suggest
    return [
        Behind(
            review_id=later.public_id,
            key=later.claim_token,
            payload=later.item.payload,
            cells=cells_of(later.item.payload, line.schema),
            boxes="[]" if line.asks_where else "",
            may_step=may_step and not _shows_earlier(later, line),
        )
        for later in review.behind
    ]


def _boxes_of(before: Label | GoldRead | None, line: ProductLine) -> str:
    """Give the boxes that a review begins with: those of an answer taken back."""
    if not line.asks_where:
        return ""
    return json.dumps(before.boxes if before and before.boxes else [])


def _classes_of(before: Label | GoldRead | None, line: ProductLine) -> list[str]:
    """Give the classes that are put on at first, where several may be."""
    if not line.allows_several or before is None or before.label_class is None:
        return []
    return [before.label_class.key, *before.also]


def cells_of(payload: Payload, latest: TableSchema | None) -> list[Cell]:
    """Give a table row's values in the order of its columns.

    ``latest`` is the line's schema, which is nearly always the row's own.
    """
    is_latest = latest is not None and payload.schema_id == latest.pk
    schema = latest if is_latest else payload.schema
    if payload.values is None or schema is None:
        return []
    return [
        Cell(
            name=column["name"],
            value=payload.values.get(column["name"]),
            unit=column.get("unit") or "",
            low=column.get("low"),
            high=column.get("high"),
        )
        for column in schema.columns
    ]


class EmptyBecause(StrEnum):
    """Why there is nothing to review for a person just now."""

    NOT_EMPTY = "not_empty"
    NO_ITEMS = "no_items"
    ALL_DONE = "all_done"
    OTHERS_HOLD_THEM = "others_hold_them"
    NOT_FOR_YOU = "not_for_you"
    WAIT_FOR_MODEL = "wait_for_model"
    NOT_QUALIFIED = "not_qualified"


def why_empty(line: ProductLine, user: User) -> EmptyBecause:
    """Say why the person gets no review, from the nearest cause to the farthest."""
    waiting = Review.objects.waiting_on(line)
    held = Review.objects.held_by(user).filter(line=line)
    if not held.exists() and not may_work(user, line):
        return EmptyBecause.NOT_QUALIFIED
    if waiting.free().open_to(user).exists() or held.exists():
        return EmptyBecause.NOT_EMPTY
    if waiting.free().exists():
        return EmptyBecause.NOT_FOR_YOU
    if waiting.exists():
        return EmptyBecause.OTHERS_HOLD_THEM
    if line.items.filter(route_by__isnull=False).exists():
        return EmptyBecause.WAIT_FOR_MODEL
    return EmptyBecause.ALL_DONE if line.items.exists() else EmptyBecause.NO_ITEMS
