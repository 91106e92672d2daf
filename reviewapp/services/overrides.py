"""Overrides: what an admin and a manager let through past its gates, until it ends."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, assert_never

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from reviewapp.errors import ConflictError, GateShutError, InvalidInputError
from reviewapp.evidence import Evidence
from reviewapp.gates import Gate, next_canary_share
from reviewapp.models import Cause, Policy, ProductLine, Role, User
from reviewapp.overrides import (
    LONGEST_DAYS,
    SHORTEST_REASON,
    Way,
    firm_ones,
    gates_of,
    shut_ones,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services import canaries, levels
from reviewapp.services.gate_titles import gate_titles
from reviewapp.services.policies import (
    NO_OVERRIDE,
    append_policy,
    frozen_evidence,
    hold_policy,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One that lasts: the policy it began with, and the one that it goes back to."""

    began: Policy
    before: Policy
    ends_at: datetime

    @property
    def way(self) -> Way:
        """Say whether it let a rung through, or a step of the canary share."""
        return Way.RAISE if self.began.level > self.before.level else Way.WIDEN


def override_on(line: ProductLine) -> Override | None:
    """Give the override that lasts on a line; ``None`` where none does."""
    in_force = line.in_force
    number = in_force.override_number
    if number is None or in_force.override_ends_at is None:
        return None
    before, began = (
        line.policies.filter(number__in=[number - 1, number])
        .select_related("set_by", "motion__answered_by")
        .order_by("number")
    )
    return Override(began=began, before=before, ends_at=in_force.override_ends_at)


@transaction.atomic
def let_through(
    line: ProductLine,
    evidence: Evidence,
    *,
    way: str,
    days: int,
    by: User,
    reason: str,
    seen_policy: int,
    as_of: datetime | None = None,
) -> Policy:
    """Let a rung or a canary step through past its shut gates, for some days.

    It always takes two: an admin and a manager of the line. What the gates said, and
    which were shut, is frozen with it.

    Raises
    ------
    InvalidInputError
        If the person is neither, the days are not 1 to 7, or the reason is too short.
    GateShutError
        If a gate is shut that no override opens.
    ConflictError
        If there is nothing to let through, or every gate is open.
    SecondPersonError
        If the other one of the two has not approved it.
    """
    current = hold_policy(line)
    _require_signature(line, by, reason, days)
    judged = gates_of(Way(way), current.terms(), evidence)
    _require_overridable(line, judged)
    at = as_of or timezone.now()
    return append_policy(
        line,
        cause=Cause.OVERRIDDEN,
        by=by,
        reason=reason.strip(),
        changes=_moved(current, Way(way))
        | {
            "override_number": current.number + 1,
            "override_ends_at": at + timedelta(days=days),
        },
        seen_policy=seen_policy,
        evidence=frozen_evidence(evidence, judged),
        as_of=at,
    )


def _require_signature(line: ProductLine, by: User, reason: str, days: int) -> None:
    if not by.is_admin and not by.has_role(line, Role.MANAGER):
        raise InvalidInputError(
            _("An admin and a manager of the line override a gate."), code="wrong_party"
        )
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInputError(
            _("An override lasts 1 to %(most)s days.") % {"most": LONGEST_DAYS},
            code="days",
        )
    require_reason(reason)


def require_reason(reason: str) -> None:
    """Refuse a reason that is too short to say anything."""
    if len(reason.strip()) < SHORTEST_REASON:
        raise InvalidInputError(
            _("Say why in a sentence of at least %(fewest)s characters; it has %(n)s.")
            % {"fewest": SHORTEST_REASON, "n": len(reason.strip())},
            code="reason_too_short",
        )


def _require_overridable(line: ProductLine, judged: tuple[Gate, ...]) -> None:
    if not judged:
        raise ConflictError(
            _("Nothing wider is left to let through on %(line)s.") % {"line": line.name}
        )
    firm = firm_ones(judged)
    if firm:
        raise GateShutError(
            _(
                "No override opens these gates of %(line)s: %(gates)s. Without them "
                "there is nothing that the model may lawfully decide."
            )
            % {"line": line.name, "gates": gate_titles(firm)}
        )
    if not shut_ones(judged):
        raise ConflictError(
            _("Every gate of %(line)s is open. This needs no override.")
            % {"line": line.name}
        )


def _moved(current: Policy, way: Way) -> dict[str, Any]:
    match way:
        case Way.RAISE:
            return {"level": AutomationLevel(current.level + 1)}
        case Way.WIDEN:
            return {"canary_share": next_canary_share(current.terms())}
        case never:
            assert_never(never)


@transaction.atomic
def end_override(
    line: ProductLine, evidence: Evidence, *, as_of: datetime | None = None
) -> Policy:
    """End an override whose time is up: back to what was before, by the ordinary way.

    If every gate that stood in its way is open by now, on evidence of that moment, the
    line stays where it is, and the policy says what it now rests on. It is no fall:
    evidence does not begin anew, and nothing is locked.
    """
    current = hold_policy(line)
    at = as_of or timezone.now()
    lasting = override_on(line)
    if lasting is None or at < lasting.ends_at:
        return current
    judged = gates_now(lasting, current, evidence, at=at)
    shut = ", ".join(gate.code.value for gate in shut_ones(judged))
    if not shut:
        return append_policy(
            line,
            cause=Cause.OVERRIDE_ENDED,
            by=None,
            reason=f"The gates that policy {lasting.began.number} overrode are open.",
            changes=NO_OVERRIDE,
            evidence=frozen_evidence(evidence, judged),
            as_of=at,
        )
    reason = f"The override of policy {lasting.began.number} is over; shut: {shut}."
    back: dict[str, Any] = {
        "by": None,
        "reason": reason,
        "cause": Cause.OVERRIDE_ENDED,
        "as_of": at,
    }
    if current.level > lasting.before.level:
        return levels.lower_level(line, to=lasting.before.automation_level, **back)
    return canaries.narrow_canary(line, to=lasting.before.canary_share, **back)


def gates_now(
    lasting: Override, current: Policy, evidence: Evidence, *, at: datetime
) -> tuple[Gate, ...]:
    """Judge again the gates that an override let through, as if it had not been.

    Time at the rung below counts on from where it began: it was held since then.
    """
    before = lasting.before
    terms = replace(
        current.terms(),
        level=before.automation_level,
        canary_share=min(before.canary_share, current.canary_share),
        is_overridden=False,
    )
    at_level = (at - before.level_began_at) / timedelta(days=1)
    return gates_of(lasting.way, terms, replace(evidence, days_at_level=at_level))
