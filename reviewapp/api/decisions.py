"""Decisions as they leave: a feed to be read from where one stopped."""

from django.http import HttpRequest
from ninja import Router

from reviewapp.api.auth import line_for
from reviewapp.api.schemas import DecisionOut, DecisionsOut, ProblemOut
from reviewapp.errors import InvalidInputError
from reviewapp.models import FeedEntry, Scope
from reviewapp.services.feeds import feed_after

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
    correction or a retraction is a new entry of the same item.
    """
    found_line = line_for(request, line, Scope.DECISIONS)
    if not (after.isascii() and after.isdecimal()) or len(after) > len(str(2**63)):
        raise InvalidInputError(
            "'after' is not a number this feed gave out. Begin with 0.",
            code="bad_cursor",
        )
    if not limit.isdecimal() or not 1 <= int(limit) <= LARGEST_PAGE:
        raise InvalidInputError(
            f"'limit' is a number from 1 to {LARGEST_PAGE}.", code="out_of_range"
        )
    size = int(limit)
    entries = feed_after(found_line, min(int(after), 2**63 - 1), limit=size + 1)
    page = entries[:size]
    return DecisionsOut(
        decisions=[_out(entry) for entry in page],
        next_after=(page[-1].number or 0) if page else int(after),
        has_more=len(entries) > size,
    )


def _out(entry: FeedEntry) -> DecisionOut:
    decision = entry.decision
    label_class = decision.label_class
    return DecisionOut(
        number=entry.number or 0,
        item=decision.item.public_id,
        external_id=decision.item.external_id,
        decision=label_class.key if label_class else None,
        meaning=label_class.meaning if label_class else None,
        decided_by=decision.decided_by,
        decided_at=decision.decided_at,
        policy=decision.policy.number,
        supersedes_earlier=decision.supersedes_id is not None,
    )
