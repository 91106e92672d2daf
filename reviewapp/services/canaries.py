"""The canary share: wider step by step through gates, narrower at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from reviewapp import gates
from reviewapp.errors import ConflictError, GateShutError, InvalidInputError
from reviewapp.evidence import Evidence
from reviewapp.models import Cause, Policy, ProductLine, User
from reviewapp.requirements import changed
from reviewapp.services.falls import is_last_fall
from reviewapp.services.gate_titles import gate_titles
from reviewapp.services.policies import append_policy, frozen_evidence, hold_policy
from reviewapp.services.requirements import require_floors


@transaction.atomic
def widen_canary(
    line: ProductLine,
    evidence: Evidence,
    *,
    by: User | None,
    reason: str,
    seen_policy: int | None = None,
    as_of: datetime | None = None,
) -> Policy:
    """Go to the next step of the canary share, if its gates are open.

    Raises
    ------
    ConflictError
        If there is no next step.
    GateShutError
        If a gate is shut.
    """
    current = hold_policy(line)
    share = gates.next_canary_share(current.terms())
    if share is None or not current.automation_level.may_decide:
        raise ConflictError(
            _("%(line)s has no wider canary share to go to.") % {"line": line.name}
        )
    if not reason.strip():
        raise InvalidInputError(
            _("Say why the share is widened."), code="reason_missing"
        )
    judged = gates.canary_gates(current.terms(), evidence)
    shut = [gate for gate in judged if not gate.is_open]
    if shut:
        raise GateShutError(
            _(
                "The canary share of %(line)s stays at %(share)s. These gates are "
                "shut: %(gates)s."
            )
            % {
                "line": line.name,
                "share": f"{current.canary_share:.0%}",
                "gates": gate_titles(shut),
            }
        )
    return append_policy(
        line,
        cause=Cause.CANARY,
        by=by,
        reason=reason.strip(),
        changes={"canary_share": share},
        seen_policy=seen_policy,
        evidence=frozen_evidence(evidence, judged),
        as_of=as_of,
    )


@transaction.atomic
def narrow_canary(
    line: ProductLine,
    *,
    to: float | None = None,
    by: User | None,
    reason: str = "",
    cause: Cause = Cause.NARROWED,
    as_of: datetime | None = None,
) -> Policy:
    """Go back to the step before, at once; below the first, the model decides nothing.

    With ``to``, go back to that share. ``by`` nobody it is an alarm's doing, unless
    another ``cause`` is named: then a candidate decides no share after it, the last
    fall that a day allows leaves no share at all and locks the line, and a locked line
    is not narrowed further.
    """
    current = hold_policy(line)
    at = as_of or timezone.now()
    is_fall = by is None and cause is Cause.NARROWED
    is_last = is_fall and is_last_fall(line, at=at)
    before = gates.canary_share_before(current.terms()) if to is None else to
    share = 0.0 if is_last else before
    if share >= current.canary_share or (is_fall and current.is_locked):
        return current
    changes: dict[str, Any] = {"canary_share": share}
    if by is None:
        changes["candidate_share"] = 0.0
    if is_last:
        changes["is_locked"] = True
    return append_policy(
        line, cause=cause, by=by, reason=reason, changes=changes, as_of=at
    )


@transaction.atomic
def set_canary_steps(
    line: ProductLine,
    *,
    steps: Sequence[float],
    bake_days: float,
    bake_labels: int,
    advances: bool,
    by: User,
    reason: str,
    seen_policy: int,
) -> Policy:
    """Say by which steps the share widens, how long each lasts, and who goes on.

    Raises
    ------
    InvalidInputError
        If the steps do not rise to everything, or one would be too short.
    """
    if list(steps) != sorted({*steps}) or not steps or steps[0] <= 0 or steps[-1] != 1:
        raise InvalidInputError(
            _("The steps of the canary share rise from above 0 to 1."), code="steps"
        )
    current = hold_policy(line)
    bakes = {"bake_days": bake_days, "bake_labels": bake_labels}
    require_floors(current, changed(current.terms().requirements, bakes))
    asked = current.requirements | bakes
    asked |= {"canary_steps": [*steps], "canary_advances": advances}
    return append_policy(
        line,
        cause=Cause.CHANGED,
        by=by,
        reason=reason,
        changes={"requirements": asked},
        seen_policy=seen_policy,
    )
