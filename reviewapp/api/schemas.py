"""What machines send and get."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from reviewapp.itemfiles.rows import read_time
from reviewapp.order import HIGHEST_PRIORITY


class ItemIn(Schema):
    """One item: a row in ``values``, a ``text``, or a file in the part ``media``."""

    model_config = ConfigDict(extra="forbid", strict=False)

    external_id: str = Field(min_length=1, max_length=255, pattern=r"\S")
    group: str = Field(default="", max_length=255)
    captured_at: datetime | None = None
    priority: int = Field(
        default=0,
        ge=0,
        le=HIGHEST_PRIORITY,
        strict=True,
        description="What is higher comes to people first; 0 is the usual.",
    )
    values: dict[str, Any] | None = None
    text: str | None = Field(
        default=None, description="A text of up to 65,536 characters."
    )
    spans: list[Any] | None = Field(
        default=None,
        description="Parts of the text to be seen: [start, end, label] by characters.",
    )
    media: str | None = Field(
        default=None,
        max_length=200,
        description="Name of the multipart file part with the picture or recording.",
    )

    @field_validator("captured_at", mode="before")
    @classmethod
    def read_captured_at(cls, value: object) -> datetime | None:
        """Take a time as text only; a number could be seconds or milliseconds."""
        if value is None:
            return None
        try:
            return read_time(value if isinstance(value, str) else f"{value}")
        except ValueError as error:
            raise PydanticCustomError(
                "datetime_parsing", "{why}", {"why": f"{error}"}
            ) from None


class ItemsIn(Schema):
    """Many items at once; all are stored or none."""

    model_config = ConfigDict(extra="forbid")

    items: list[ItemIn]


class ItemOut(Schema):
    """What became of one item."""

    external_id: str
    id: UUID
    created: bool


class ItemsOut(Schema):
    """What became of all, in the order they were sent."""

    items: list[ItemOut]
    created: int
    known: int


class DecisionOut(Schema):
    """One outcome. A later number for the same item supersedes the earlier one."""

    number: int
    item: UUID
    external_id: str
    decision: str | None = Field(description="Class key; null when taken back.")
    meaning: str | None
    also: list[str] = Field(
        description="Keys of the item's other classes, where it may have several."
    )
    decided_by: str
    decided_at: datetime
    policy: int
    supersedes_earlier: bool
    held: bool = Field(
        description="People are looking at it again: do not rely on it yet."
    )
    containment: int | None = Field(description="The number of what holds it.")


class ItemStateOut(Schema):
    """One item as it stands now."""

    id: UUID
    external_id: str
    received_at: datetime
    decision: str | None = Field(description="Class key; null when nothing stands.")
    meaning: str | None
    also: list[str] = Field(
        description="Keys of the item's other classes, where it may have several."
    )
    decided_by: str | None
    decided_at: datetime | None
    held: bool
    containment: int | None


class HeldOut(Schema):
    """One item that people are looking at again."""

    item: UUID
    external_id: str
    containment: int
    held_since: datetime


class HeldItemsOut(Schema):
    """A page of what is held. Ask again with ``after`` set to ``next_after``."""

    held: list[HeldOut]
    next_after: int
    has_more: bool


class DecisionsOut(Schema):
    """A page of the feed. Ask again with ``after`` set to ``next_after``."""

    decisions: list[DecisionOut]
    next_after: int
    has_more: bool


class ProblemOut(Schema):
    """A refusal: what, where, and what to do."""

    status: int
    code: str
    title: str
    detail: str
    errors: list[dict[str, Any]]
    request_id: str
