"""Appending policies: every change of what a line may do is a new, numbered row."""

import json
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from reviewapp.errors import StalePolicyError
from reviewapp.evidence import Evidence
from reviewapp.gates import Gate
from reviewapp.inheritance import RivalEvidence
from reviewapp.models import Cause, Policy, ProductLine, User
from reviewapp.services.locks import seize_line
from reviewapp.services.records import actor_name, record
from reviewapp.services.seconds import approved_motion

COPIED = [
    "level",
    "live_id",
    "candidate_id",
    "previous_id",
    "candidate_share",
    "scoring_share",
    "candidate_certificates",
    "candidate_began_at",
    "candidate_attempt",
    "canary_share",
    "blind_share",
    "audit_shares",
    "default_audit_share",
    "signed_audit_shares",
    "audit_floor",
    "audit_reads",
    "reads_per_item",
    "overlap_share",
    "assist_style",
    "other_style_share",
    "certificates",
    "voided",
    "requirements",
    "floors",
    "judgement_max_age_s",
    "epoch_began_at",
    "level_began_at",
    "share_began_at",
    "attempt",
    "is_locked",
    "override_number",
    "override_ends_at",
]
# From here on a float is hashed with an exponent.
WRITTEN_IN_FULL = 10**16
# What a line without a candidate has.
NO_CANDIDATE: dict[str, Any] = {
    "candidate_id": None,
    "candidate_share": 0.0,
    "scoring_share": 1.0,
    "candidate_certificates": {},
    "candidate_began_at": None,
    "candidate_attempt": 1,
}
# What a line has on which no override lasts.
NO_OVERRIDE: dict[str, Any] = {"override_number": None, "override_ends_at": None}


def hold_policy(line: ProductLine) -> Policy:
    """Lock a line's policy until the transaction ends; give the one in force now.

    Waits until no decision of the model is in flight. What a move is computed from is
    read after this, so that two moves at once never undo one another.
    """
    seize_line(line)
    locked = ProductLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    line.policy = locked.in_force
    return line.in_force


@transaction.atomic
def append_policy(
    line: ProductLine,
    *,
    cause: Cause,
    by: User | None,
    reason: str = "",
    changes: dict[str, Any],
    seen_policy: int | None = None,
    copy_of: Policy | None = None,
    evidence: dict[str, Any] | None = None,
    as_of: datetime | None = None,
) -> Policy:
    """Put a changed copy of the policy in force; the one place where that happens.

    1. Wait until no decision of the model is in flight, and lock the line.
    2. Refuse when the page was made for an earlier policy (``seen_policy``).
    3. Copy the policy in force, apply the changes, number it, point the line at it.
    4. Where the line wants a second person for it, ask for the motion that one has
       approved.
    5. Record it. When this returns and the caller's transaction ends, no decision made
       under the old policy can follow.
    """
    current = hold_policy(line)
    if seen_policy is not None and seen_policy != current.number:
        raise StalePolicyError(
            _(
                "The policy of %(line)s is now number %(number)s; this page was "
                "made for number %(seen_policy)s. Reload it and look again."
            )
            % {"line": line.name, "number": current.number, "seen_policy": seen_policy}
        )
    at = as_of or timezone.now()
    values = {name: getattr(current, name) for name in COPIED} | changes
    if current.override_number and values["override_number"]:
        values |= _override_after(line, current.override_number, values)
    if values["level"] != current.level:
        values |= {"level_began_at": at, "share_began_at": at}
    if values["canary_share"] != current.canary_share:
        values["share_began_at"] = at
    if values["live_id"] != current.live_id:
        attempt = 1 + _attempts_of(line, values["live_id"])
        values |= {"epoch_began_at": at, "attempt": attempt}
    # A trial is one against the live version, and ends with it.
    if values["candidate_id"] is None or values["live_id"] != current.live_id:
        values |= NO_CANDIDATE
    motion = approved_motion(
        line, current, cause, by=by, changes=changes, evidence=evidence
    )
    created = Policy.objects.create(
        line=line,
        number=current.number + 1,
        cause=cause,
        reason=reason,
        set_by=by,
        copy_of=copy_of,
        evidence=evidence,
        evidence_sha256=sha256_of(evidence) if evidence is not None else "",
        created_at=at,
        **values,
    )
    if motion is not None:
        motion.policy = created
        motion.save(update_fields=["policy"])
    ProductLine.objects.filter(pk=line.pk).update(policy=created)
    line.policy = created
    record(
        f"policy.{cause.value}",
        actor=actor_name(by),
        line=line,
        subject=f"policy {created.number}",
        details={
            "from": {name: _plain(getattr(current, name)) for name in changes},
            "to": {name: _plain(value) for name, value in changes.items()},
        },
        reason=reason,
    )
    return created


def _override_after(
    line: ProductLine, number: int, values: dict[str, Any]
) -> dict[str, Any]:
    """End an override with the fall that takes back what it let through.

    A level below the one it gave takes a wider canary share along.
    """
    before, began = line.policies.filter(number__in=[number - 1, number]).order_by(
        "number"
    )
    share = min(values["canary_share"], before.canary_share)
    if values["level"] < began.level:
        return NO_OVERRIDE | {"canary_share": share}
    is_back = (
        values["level"] <= before.level
        and values["canary_share"] <= before.canary_share
    )
    return NO_OVERRIDE if is_back else {}


def _attempts_of(line: ProductLine, version_id: int | None) -> int:
    """Count the epochs a version has had on a line: a return is no first attempt."""
    earlier = line.policies.filter(live_id=version_id)
    return earlier.aggregate(most=Max("attempt", default=0))["most"] or 0


def frozen_evidence(
    evidence: Evidence | RivalEvidence, judged: tuple[Gate, ...]
) -> dict[str, Any]:
    """Give what a rise rested on, as it is stored with the policy and hashed."""
    return {
        "measured": {name: _plain(value) for name, value in asdict(evidence).items()},
        "gates": [
            {"code": gate.code.value, "is_open": gate.is_open}
            | {name: _plain(value) for name, value in gate.figures.items()}
            for gate in judged
        ],
    }


def _plain(value: Any) -> Any:  # noqa: ANN401 - any column's value, on its way to JSON
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, float) and value == float("inf"):
        return "inf"
    return value.isoformat() if isinstance(value, datetime) else value


def is_unchanged(frozen: dict[str, Any] | None, digest: str) -> bool:
    """Say whether evidence is still what was hashed when it was signed."""
    return frozen is not None and sha256_of(frozen) == digest


def sha256_of(evidence: dict[str, Any]) -> str:
    """Hash evidence so that what the database gives back has the same hash."""
    text = json.dumps(_as_floats(evidence), sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _as_floats(value: Any) -> Any:  # noqa: ANN401 - any value of JSON
    """Read numbers as they were hashed: the database writes out 1e+16 in full."""
    if isinstance(value, dict):
        return {name: _as_floats(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_as_floats(inner) for inner in value]
    is_long = type(value) is int and abs(value) >= WRITTEN_IN_FULL
    return float(value) if is_long else value
