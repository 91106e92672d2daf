"""Candidates: a version on trial beside the live one, promoted, or taken away again.

A candidate answers what the live version answers, and decides nothing until blind
labels say that it is better. Whatever is done here takes one transaction and the
database; neither the broker nor the model host is asked.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from reviewapp.errors import ConflictError, GateShutError, InvalidInputError
from reviewapp.gates import Gate
from reviewapp.inheritance import RivalEvidence, inheritance_gates, inherited_share
from reviewapp.models import Cause, ModelVersion, Policy, ProductLine, User
from reviewapp.services import levels
from reviewapp.services.gate_titles import gate_titles
from reviewapp.services.policies import append_policy, frozen_evidence, hold_policy


@transaction.atomic
def put_on_trial(
    line: ProductLine,
    version: ModelVersion,
    *,
    scoring_share: float = 1.0,
    by: User | None,
    reason: str = "",
    as_of: datetime | None = None,
) -> Policy:
    """Let a version answer a share of the items beside the live one, and decide none.

    One that was live before brings the certificates it held then; a new one has none,
    and people decide whatever it would.

    Raises
    ------
    ConflictError
        If nothing is live, the version is live itself, or another one is on trial.
    InvalidInputError
        If the version is of another line, or the share is none.
    """
    if version.line_id != line.pk:
        raise InvalidInputError(
            _("Version %(version)s belongs to another line.")
            % {"version": version.name}
        )
    if not 0 < scoring_share <= 1:
        raise InvalidInputError(
            _("The scoring share is %(share)s: more than 0, at most 1.")
            % {"share": scoring_share}
        )
    current = hold_policy(line)
    if current.live is None:
        raise ConflictError(
            _("Nothing is live on %(line)s. Put this version live.")
            % {"line": line.name}
        )
    if version.pk == current.live_id:
        raise ConflictError(
            _("%(version)s is live on %(line)s already.")
            % {"version": version.name, "line": line.name}
        )
    if current.candidate is not None:
        raise ConflictError(
            _("%(version)s is on trial on %(line)s. Withdraw it first.")
            % {"version": current.candidate.name, "line": line.name}
        )
    at = as_of or timezone.now()
    tried = line.policies.filter(cause=Cause.TRIAL, candidate=version).count()
    return append_policy(
        line,
        cause=Cause.TRIAL,
        by=by,
        reason=reason,
        changes={
            "candidate_id": version.pk,
            "scoring_share": scoring_share,
            "candidate_share": 0.0,
            "candidate_certificates": _held_before(line, version),
            "candidate_began_at": at,
            "candidate_attempt": tried + 1,
        },
        as_of=at,
    )


@transaction.atomic
def withdraw(line: ProductLine, *, by: User | None, reason: str = "") -> Policy:
    """Take the candidate off; what it answered stays.

    Raises
    ------
    ConflictError
        If no version is on trial.
    """
    _require_candidate(line, hold_policy(line))
    return append_policy(
        line,
        cause=Cause.WITHDRAWN,
        by=by,
        reason=reason,
        changes={"candidate_id": None},
    )


@transaction.atomic
def share_with_candidate(
    line: ProductLine,
    evidence: RivalEvidence,
    *,
    share: float,
    by: User,
    reason: str,
    seen_policy: int,
) -> Policy:
    """Let the candidate be the deciding version of a share of the items.

    More than now needs what a promotion needs; less needs nothing.

    Raises
    ------
    ConflictError
        If no version is on trial.
    InvalidInputError
        If the share is none, or more than the candidate answers.
    GateShutError
        If a gate is shut.
    """
    current = hold_policy(line)
    _require_candidate(line, current)
    if not 0 <= share <= current.scoring_share:
        raise InvalidInputError(
            _(
                "The candidate answers %(share)s of the items and can "
                "decide no more than that."
            )
            % {"share": f"{current.scoring_share:.0%}"}
        )
    judged = inheritance_gates(current.terms(), evidence)
    if share > current.candidate_share:
        _require_open(line, current, judged)
    return append_policy(
        line,
        cause=Cause.SHARED,
        by=by,
        reason=reason.strip(),
        changes={"candidate_share": share},
        seen_policy=seen_policy,
        evidence=frozen_evidence(evidence, judged),
    )


@transaction.atomic
def take_share_back(
    line: ProductLine, *, by: User | None, reason: str, as_of: datetime | None = None
) -> Policy:
    """Let the live version be the deciding version of all items again, at once.

    The trial goes on. Where the candidate decides no share this changes nothing.
    """
    current = hold_policy(line)
    if not current.candidate_share:
        return current
    return append_policy(
        line,
        cause=Cause.SHARED,
        by=by,
        reason=reason,
        changes={"candidate_share": 0.0},
        as_of=as_of,
    )


@transaction.atomic
def promote(
    line: ProductLine,
    evidence: RivalEvidence,
    *,
    by: User,
    reason: str,
    seen_policy: int,
    as_of: datetime | None = None,
) -> Policy:
    """Swap the candidate and the live version, at the present level.

    1. The candidate inherits the level only through open gates; without them
       ``levels.put_live`` is the way, and leads to SHADOW.
    2. Its own certificates come into force and no others, and where the model decides
       the canary share begins at the first step.
    3. The version that was live is the previous one, to which one click returns.

    Raises
    ------
    ConflictError
        If no version is on trial.
    GateShutError
        If a gate is shut.
    InvalidInputError
        If no reason is given.
    """
    current = hold_policy(line)
    _require_candidate(line, current)
    if not reason.strip():
        raise InvalidInputError(_("Say why it is promoted."), code="reason_missing")
    judged = inheritance_gates(current.terms(), evidence)
    _require_open(line, current, judged)
    return append_policy(
        line,
        cause=Cause.PROMOTED,
        by=by,
        reason=reason.strip(),
        changes={
            "live_id": current.candidate_id,
            "previous_id": current.live_id,
            "certificates": current.candidate_certificates,
            "canary_share": inherited_share(current.terms()),
        },
        seen_policy=seen_policy,
        evidence=frozen_evidence(evidence, judged),
        as_of=as_of,
    )


@transaction.atomic
def return_to_previous(
    line: ProductLine, *, by: User, reason: str = "", seen_policy: int | None = None
) -> Policy:
    """Bring the version that was live before back, as far as that widens nothing.

    Raises
    ------
    ConflictError
        If no other version has been live.
    """
    current = hold_policy(line)
    earlier = line.policies.filter(live=current.previous_id).first()
    if current.previous_id is None or earlier is None:
        raise ConflictError(
            _("No other version has been live on %(line)s.") % {"line": line.name}
        )
    return levels.roll_back(
        line, earlier, by=by, reason=reason, seen_policy=seen_policy
    )


def _held_before(line: ProductLine, version: ModelVersion) -> dict[str, Any]:
    """Give the certificates that a version held when it was last live here."""
    last = line.policies.filter(live=version).first()
    if last is None:
        return {}
    return {
        key: stored
        for key, stored in last.certificates.items()
        if stored["fingerprint"] == version.fingerprint
    }


def _require_candidate(line: ProductLine, current: Policy) -> None:
    if current.candidate_id is None:
        raise ConflictError(
            _("No version is on trial on %(line)s.") % {"line": line.name}
        )


def _require_open(line: ProductLine, current: Policy, judged: tuple[Gate, ...]) -> None:
    shut = [gate for gate in judged if not gate.is_open]
    if shut:
        raise GateShutError(
            _(
                "%(version)s inherits nothing on %(line)s yet: %(shut)s of %(all)s "
                "gates are shut (%(gates)s)."
            )
            % {
                "version": current.candidate,
                "line": line.name,
                "shut": len(shut),
                "all": len(judged),
                "gates": gate_titles(shut),
            }
        )
