"""Decisions as they leave: a feed to be read from where one stopped."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from reviewapp.api.auth import line_for
from reviewapp.api.problems import NowhereError
from reviewapp.api.schemas import (
    DecisionOut,
    DecisionsOut,
    HeldItemsOut,
    HeldOut,
    ItemStateOut,
    ProblemOut,
)
from reviewapp.errors import InvalidInputError
from reviewapp.models import FeedEntry, Scope
from reviewapp.services.containments import held_by_item
from reviewapp.services.feeds import feed_after, held_after, item_as_it_stands

router = Router(tags=["decisions"])

LARGEST_PAGE = 1_000
DEFAULT_PAGE = 200


@router.get(
    "/lines/{line}/decisions",
    response={200: DecisionsOut, 400: ProblemOut, 401: ProblemOut, 404: ProblemOut},
)
def decisions(
    request: HttpRequest, line: str, after: str = "0", limit: str = str(DEFAULT_PAGE)
) -> DecisionsOut:
    """Read the line's decisions with a number above ``after``, in order.

    Numbers are settled: whoever has read up to one has missed nothing below it. A
    correction or a retraction is a new entry of the same item. ``held`` is as it is
    when you ask; what began to be held since you read an entry is under ``held``.
    """
    found_line = line_for(request, line, Scope.DECISIONS)
    start, size = _place(after, limit)
    entries = feed_after(found_line, start, limit=size + 1)
    page = entries[:size]
    held = held_by_item(entry.decision.item_id for entry in page)
    return DecisionsOut(
        decisions=[_out(entry, held) for entry in page],
        next_after=(page[-1].number or 0) if page else int(after),
        has_more=len(entries) > size,
    )


@router.get(
    "/lines/{line}/held",
    response={200: HeldItemsOut, 400: ProblemOut, 401: ProblemOut, 404: ProblemOut},
)
def held_items(
    request: HttpRequest, line: str, after: str = "0", limit: str = str(DEFAULT_PAGE)
) -> HeldItemsOut:
    """Read which of the line's items people are looking at again, as of now.

    An item that is not in the list any more is settled: its decision stands, or a later
    one in the feed supersedes it.
    """
    found_line = line_for(request, line, Scope.DECISIONS)
    start, size = _place(after, limit)
    found = held_after(found_line, start, limit=size + 1)
    page = found[:size]
    return HeldItemsOut(
        held=[
            HeldOut(
                item=one.item.public_id,
                external_id=one.item.external_id,
                containment=one.containment_id,
                held_since=one.sent_at,
            )
            for one in page
        ],
        next_after=page[-1].pk if page else int(after),
        has_more=len(found) > size,
    )


@router.get(
    "/lines/{line}/items/{item}",
    response={200: ItemStateOut, 401: ProblemOut, 404: ProblemOut},
)
def item(request: HttpRequest, line: str, item: UUID) -> ItemStateOut:
    """Read how one item stands now: its decision in force, and whether it is held."""
    found_line = line_for(request, line, Scope.DECISIONS)
    found = item_as_it_stands(found_line, item)
    if found is None:
        raise NowhereError("There is no such item on this line.")
    decision = found.decision
    label_class = decision.label_class if decision else None
    holder = held_by_item([found.pk]).get(found.pk)
    return ItemStateOut(
        id=found.public_id,
        external_id=found.external_id,
        received_at=found.received_at,
        decision=label_class.key if label_class else None,
        meaning=label_class.meaning if label_class else None,
        also=decision.also if decision else [],
        decided_by=decision.decided_by if decision else None,
        decided_at=decision.decided_at if decision else None,
        held=holder is not None,
        containment=holder,
    )


def _place(after: str, limit: str) -> tuple[int, int]:
    """Read where a reader stopped, and how much it asks for."""
    if not (after.isascii() and after.isdecimal()) or len(after) > len(str(2**63)):
        raise InvalidInputError(
            "'after' is not a number this feed gave out. Begin with 0.",
            code="bad_cursor",
        )
    if not limit.isdecimal() or not 1 <= int(limit) <= LARGEST_PAGE:
        raise InvalidInputError(
            f"'limit' is a number from 1 to {LARGEST_PAGE}.", code="out_of_range"
        )
    return min(int(after), 2**63 - 1), int(limit)


def _out(entry: FeedEntry, held: dict[int, int]) -> DecisionOut:
    decision = entry.decision
    label_class = decision.label_class
    return DecisionOut(
        number=entry.number or 0,
        item=decision.item.public_id,
        external_id=decision.item.external_id,
        decision=label_class.key if label_class else None,
        meaning=label_class.meaning if label_class else None,
        also=decision.also,
        decided_by=decision.decided_by,
        decided_at=decision.decided_at,
        policy=decision.policy.number,
        supersedes_earlier=decision.supersedes_id is not None,
        held=decision.item_id in held,
        containment=held.get(decision.item_id),
    )
