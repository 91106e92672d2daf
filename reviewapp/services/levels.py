"""Moving what a line's model may do: up through gates, down at once, back, aside.

Every move reads the policy after it has locked it, so two at once never add up to more
than either asked for.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from reviewapp import gates
from reviewapp.errors import ConflictError, GateShutError, InvalidInputError
from reviewapp.evidence import Evidence
from reviewapp.gates import Gate
from reviewapp.models import (
    Cause,
    LevelChoices,
    ModelVersion,
    Policy,
    ProductLine,
    User,
)
from reviewapp.policy import AssistStyle, AutomationLevel, next_rung
from reviewapp.services.falls import is_last_fall
from reviewapp.services.gate_titles import gate_titles
from reviewapp.services.policies import append_policy, frozen_evidence, hold_policy


@transaction.atomic
def raise_level(
    line: ProductLine,
    evidence: Evidence,
    *,
    by: User,
    reason: str,
    seen_policy: int,
    as_of: datetime | None = None,
) -> Policy:
    """Go up one rung, if every gate is open on the evidence given.

    Raises
    ------
    GateShutError
        If a gate is shut; the message counts them, the page shows their figures.
    StalePolicyError
        If the policy has moved on since the evidence was shown.
    """
    current = hold_policy(line)
    target = next_rung(current.automation_level)
    if target is None:
        raise ConflictError(
            _("%(line)s is at FULL, the highest rung.") % {"line": line.name}
        )
    if not reason.strip():
        raise InvalidInputError(
            _("Say why the level is raised."), code="reason_missing"
        )
    judged = gates.gates(current.terms(), target, evidence)
    _require_open(line, target, judged)
    return append_policy(
        line,
        cause=Cause.RAISED,
        by=by,
        reason=reason.strip(),
        changes={"level": target},
        seen_policy=seen_policy,
        evidence=frozen_evidence(evidence, judged),
        as_of=as_of,
    )


def _require_open(
    line: ProductLine, target: AutomationLevel, judged: Sequence[Gate]
) -> None:
    shut = [gate for gate in judged if not gate.is_open]
    if shut:
        rung = str(LevelChoices(target).label).lower()
        raise GateShutError(
            _(
                "%(line)s cannot rise to %(rung)s: %(shut)s of %(all)s gates are shut "
                "(%(gates)s)."
            )
            % {
                "line": line.name,
                "rung": rung,
                "shut": len(shut),
                "all": len(judged),
                "gates": gate_titles(shut),
            }
        )


@transaction.atomic
def lower_level(
    line: ProductLine,
    *,
    to: AutomationLevel,
    by: User | None,
    reason: str = "",
    cause: Cause = Cause.LOWERED,
    as_of: datetime | None = None,
) -> Policy:
    """Go down to any rung, at once; nothing can stop it.

    Asking for the present rung or a higher one changes nothing. A candidate decides no
    share after it: the version that was judged is the live one. ``by`` nobody it is an
    alarm's doing, unless another ``cause`` is named: then evidence begins anew, and the
    last fall that a day allows goes to SHADOW at least and locks the line. On a locked
    line alarms move nothing more.
    """
    current = hold_policy(line)
    at = as_of or timezone.now()
    is_fall = by is None and cause is Cause.LOWERED
    is_last = is_fall and is_last_fall(line, at=at)
    to = min(to, AutomationLevel.SHADOW) if is_last else to
    if to >= current.automation_level or (is_fall and current.is_locked):
        return current
    changes: dict[str, Any] = {"level": to, "candidate_share": 0.0}
    if is_fall:
        # What an alarm took away is earned anew.
        changes |= {"epoch_began_at": at, "attempt": current.attempt + 1}
        changes |= {"is_locked": is_last}
    return append_policy(
        line, cause=cause, by=by, reason=reason, changes=changes, as_of=as_of
    )


@transaction.atomic
def put_live(
    line: ProductLine,
    version: ModelVersion,
    *,
    by: User | None,
    reason: str = "",
    seen_policy: int | None = None,
    as_of: datetime | None = None,
) -> Policy:
    """Make a version the live one. It inherits no trust: the line goes to SHADOW.

    A line at MANUAL stays there until it is raised.
    """
    if version.line_id != line.pk:
        raise InvalidInputError(
            _("Version %(version)s belongs to another line.")
            % {"version": version.name}
        )
    current = hold_policy(line)
    level = min(current.automation_level, AutomationLevel.SHADOW)
    return append_policy(
        line,
        cause=Cause.VERSION,
        by=by,
        reason=reason,
        changes={
            "live_id": version.pk,
            "previous_id": current.live_id,
            "level": level,
        },
        seen_policy=seen_policy,
        as_of=as_of,
    )


def change_looks(
    line: ProductLine,
    *,
    blind_share: float,
    assist_style: AssistStyle,
    by: User,
    seen_policy: int,
    reads_per_item: int | None = None,
    other_style_share: float = 0.0,
    reason: str = "",
) -> Policy:
    """Set how often and how many people look, and when they meet the prediction."""
    changes: dict[str, Any] = {
        "blind_share": blind_share,
        "assist_style": assist_style.value,
        "other_style_share": other_style_share,
    }
    if reads_per_item is not None:
        changes["reads_per_item"] = reads_per_item
    return append_policy(
        line,
        cause=Cause.CHANGED,
        by=by,
        reason=reason,
        changes=changes,
        seen_policy=seen_policy,
    )


@transaction.atomic
def roll_back(
    line: ProductLine,
    earlier: Policy,
    *,
    by: User,
    reason: str = "",
    seen_policy: int | None = None,
) -> Policy:
    """Restore an earlier policy, as far as that widens nothing.

    Rolling back is not a way up: level and shares are the lower of then and
    now, looks the more frequent, and a certificate stands only if it stood at both
    times or belongs to the version that comes back; of two choices of threshold the
    stricter stays.
    """
    if earlier.line_id != line.pk:
        raise InvalidInputError(_("That policy belongs to another line."))
    current = hold_policy(line)
    comes_back = earlier.live_id != current.live_id
    kept = {
        key: stored if comes_back else _stricter(stored, current.certificates[key])
        for key, stored in earlier.certificates.items()
        if comes_back or _is_same_grant(stored, current.certificates.get(key))
    }
    return append_policy(
        line,
        cause=Cause.ROLLED_BACK,
        by=by,
        reason=reason,
        changes={
            "level": min(earlier.level, current.level),
            "live_id": earlier.live_id,
            "previous_id": current.live_id,
            "canary_share": min(earlier.canary_share, current.canary_share),
            "candidate_share": min(earlier.candidate_share, current.candidate_share),
            "blind_share": max(earlier.blind_share, current.blind_share),
            "audit_shares": _more_frequent(earlier.audit_shares, current.audit_shares),
            "audit_floor": max(earlier.audit_floor, current.audit_floor),
            "audit_reads": max(earlier.audit_reads, current.audit_reads),
            "reads_per_item": max(earlier.reads_per_item, current.reads_per_item),
            "default_audit_share": max(
                earlier.default_audit_share, current.default_audit_share
            ),
            "assist_style": earlier.assist_style,
            "other_style_share": earlier.other_style_share,
            "certificates": kept,
        },
        seen_policy=seen_policy,
        copy_of=earlier,
    )


def _is_same_grant(then: dict[str, Any], now: dict[str, Any] | None) -> bool:
    """Say whether both are one certificate, whatever threshold was chosen since."""
    return now is not None and then | {"chosen": None} == now | {"chosen": None}


def _stricter(then: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    chosen = [one["chosen"] for one in (then, now) if one.get("chosen") is not None]
    return now | {"chosen": max(chosen, default=None)}


def _more_frequent(then: dict[str, float], now: dict[str, float]) -> dict[str, float]:
    return {key: max(then.get(key, 0), now.get(key, 0)) for key in {*then, *now}}
