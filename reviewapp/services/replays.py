"""Replaying: every route asked for again from what was stored, and held against it.

A routing names its policy, its prediction and its draws, and the rules have neither
clock nor chance; so the same answer must come out, today and for an auditor in years.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from reviewapp import policy
from reviewapp.models import DecidedBy, Decision, ProductLine, Routing
from reviewapp.models.policies import policy_by_id
from reviewapp.services.routings import draw, draw_style

BATCH = 2_000
MOST_NAMED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not as the rules say: of which item, what, and the two values.

    ``what`` is a column of the routing, or ``"decision"``.
    """

    item: UUID
    policy: int
    what: str
    stored: object
    replayed: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """How many were asked about, and how many differ; the first of these are named."""

    routings: int
    decisions: int
    differences: int
    named: tuple[Difference, ...]


def replay_line(
    line: ProductLine,
    *,
    since: datetime | None = None,
    tell: Callable[[int], None] = lambda _count: None,
) -> Replayed:
    """Ask the policy about every routing of a line again, from stored inputs alone.

    The draws are drawn anew from the line's secrets, the policy is the one the routing
    names, and each decision of the model must rest on a routing that let it decide.

    Parameters
    ----------
    line : ProductLine
    since : datetime, optional
        Only routings made since then.
    tell : callable
        Called with how many are done, now and then.
    """
    routings = Routing.objects.filter(item__line=line)
    decisions = Decision.objects.filter(item__line=line, decided_by=DecidedBy.MODEL)
    if since is not None:
        routings = routings.filter(routed_at__gte=since)
        decisions = decisions.filter(decided_at__gte=since)
    counted = {"routings": 0, "decisions": 0, "differences": 0}
    named: list[Difference] = []

    def note(found: Iterator[Difference], kind: str) -> None:
        counted[kind] += 1
        for difference in found:
            counted["differences"] += 1
            if len(named) < MOST_NAMED:
                named.append(difference)
        if counted[kind] % BATCH == 0:
            tell(counted["routings"])

    asked = routings.select_related("item", "prediction__label_class").order_by("pk")
    for routing in asked.iterator(chunk_size=BATCH):
        note(_differences(line, routing), "routings")
    made = decisions.select_related("item", "label_class", "routing__prediction")
    for decision in made.order_by("pk").iterator(chunk_size=BATCH):
        note(_unfounded(decision), "decisions")
    return Replayed(named=tuple(named), **counted)


def _differences(line: ProductLine, routing: Routing) -> Iterator[Difference]:
    in_force = policy_by_id(routing.policy_id)
    terms = in_force.terms(is_held=routing.was_held)
    draws = draw(line, routing.item_id)
    held_to = policy.deciding(terms, draws.candidate)
    version_id = in_force.live_id if held_to is terms else in_force.candidate_id
    answered = routing.prediction
    prediction = answered.answer(held_to.live or "") if answered else None
    routed = policy.route(
        held_to, prediction, policy.Draws(look=draws.look, canary=draws.canary)
    )
    replayed = {
        "version_id": version_id,
        "route": routed.route.value,
        "may_decide": routed.may_decide,
        "inclusion": routed.inclusion,
        "because": routed.because.value,
        "look_share": routed.look_share,
        "look_draw": draws.look,
        "canary_draw": draws.canary,
        "canary_share": in_force.canary_share,
        "candidate_draw": draws.candidate,
        "candidate_share": in_force.candidate_share,
        "overlap_draw": draws.overlap,
        "overlap_share": in_force.overlap_share,
    }
    if routing.style_draw is not None:
        # a routing from before this lottery has none
        replayed["style_draw"] = draw_style(line, routing.item_id, routed.route)
    for what, value in replayed.items():
        stored = getattr(routing, what)
        if stored != value:
            yield Difference(
                item=routing.item.public_id,
                policy=in_force.number,
                what=what,
                stored=stored,
                replayed=value,
            )


def _unfounded(decision: Decision) -> Iterator[Difference]:
    """Find a decision of the model that its routing did not let it take."""
    routing = decision.routing
    answered = routing.prediction if routing else None
    allowed = (
        answered.label_class_id
        if answered is not None and routing is not None and routing.may_decide
        else None
    )
    is_same_policy = routing is not None and routing.policy_id == decision.policy_id
    if decision.label_class_id != allowed or not is_same_policy:
        yield Difference(
            item=decision.item.public_id,
            policy=policy_by_id(decision.policy_id).number,
            what="decision",
            stored=decision.label_class_id,
            replayed=allowed,
        )
