"""Two who sign: telling the second one, and putting what was approved in force."""

from typing import Any, assert_never

from django.db import transaction

from monitoring.services.certificates import certify, certify_candidate
from monitoring.services.deliveries import queue_motion
from monitoring.services.evidence import gather
from monitoring.services.rivals import gather_rivals
from reviewapp.models import Act, Motion, Policy, ProductLine
from reviewapp.services import (
    canaries,
    candidates,
    levels,
    looks,
    motions,
    overrides,
    requirements,
    thresholds,
)


@transaction.atomic
def move(
    line: ProductLine, act: Act, arguments: dict[str, Any], **signed: Any
) -> Motion:
    """Put a signed change before a second person, and tell who may answer it."""
    moved = motions.move(line, act, arguments, **signed)
    queue_motion(moved)
    return moved


def put_in_force(motion: Motion) -> Policy:  # noqa: C901, PLR0911 - one act a line
    """Do what was moved, in the mover's name; every gate is judged anew."""
    line = motion.line
    signed: dict[str, Any] = {
        "by": motion.moved_by,
        "reason": motion.reason,
        "seen_policy": motion.seen_policy,
    }
    given = motion.arguments
    match Act(motion.act):
        case Act.RAISE:
            return levels.raise_level(line, gather(line), **signed)
        case Act.WIDEN:
            return canaries.widen_canary(line, gather(line), **signed)
        case Act.PROMOTE:
            return candidates.promote(line, gather_rivals(line), **signed)
        case Act.SHARE:
            return candidates.share_with_candidate(
                line, gather_rivals(line), **given, **signed
            )
        case Act.CERTIFY:
            return certify(line, **signed)
        case Act.CERTIFY_NEXT:
            return certify_candidate(line, **signed)
        case Act.THRESHOLDS:
            return thresholds.choose_thresholds(
                line, **given, evidence=motion.evidence, **signed
            )
        case Act.GATES:
            return requirements.set_requirements(line, given, **signed)
        case Act.OVERRIDE:
            return overrides.let_through(line, gather(line), **given, **signed)
        case Act.AUDITS:
            return looks.set_audit_terms(line, **given, **signed)
        case Act.STEPS:
            return canaries.set_canary_steps(line, **given, **signed)
        case never:
            assert_never(never)
