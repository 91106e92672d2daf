"""A second person: what one manager signs, another approves or refuses."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from reviewapp.errors import ConflictError, InvalidInputError
from reviewapp.models import Policy, ProductLine, Role, User
from reviewapp.models.motions import Act, Motion, Outcome
from reviewapp.services.overrides import require_reason
from reviewapp.services.policies import sha256_of
from reviewapp.services.records import actor_name, record

LASTS = timedelta(days=3)


@transaction.atomic
def move(
    line: ProductLine,
    act: Act,
    arguments: dict[str, Any],
    *,
    by: User,
    reason: str,
    seen_policy: int,
    evidence: dict[str, Any] | None,
    as_of: datetime | None = None,
) -> Motion:
    """Put a signed change before a second person, with the evidence as it is now."""
    at = as_of or timezone.now()
    made = Motion.objects.create(
        line=line,
        act=act,
        arguments=arguments,
        reason=reason.strip(),
        moved_by=by,
        seen_policy=seen_policy,
        evidence=evidence,
        evidence_sha256=sha256_of(evidence) if evidence is not None else "",
        moved_at=at,
        expires_at=at + LASTS,
    )
    _record(made, "motion.moved", by, reason)
    return made


def who_may_answer(motion: Motion) -> list[User]:
    """Give the people who may approve or refuse a motion."""
    is_manager = Q(memberships__line=motion.line, memberships__role=Role.MANAGER)
    asked = User.objects.filter(is_manager | Q(is_superuser=True), is_active=True)
    this_one = Motion.objects.filter(pk=motion.pk)
    return [
        person for person in asked.distinct() if this_one.answerable_by(person).exists()
    ]


@transaction.atomic
def approve(
    motion: Motion, apply: Callable[[Motion], Policy], *, by: User, answer: str
) -> Policy:
    """Approve a motion, and put it in force if its gates still hold.

    Raises
    ------
    ConflictError
        If it is answered, too old or overtaken; a shut gate leaves it open.
    InvalidInputError
        If the person is its mover or not one who may answer it, or says too little.
    """
    if motion.act == Act.OVERRIDE:
        require_reason(answer)
    held = _answer(motion, Outcome.APPROVED, by=by, answer=answer)
    applied = apply(held)
    _record(held, "motion.approved", by, answer)
    return applied


@transaction.atomic
def refuse(motion: Motion, *, by: User, answer: str) -> Motion:
    """Refuse a motion, with a reason."""
    held = _answer(motion, Outcome.REFUSED, by=by, answer=answer)
    _record(held, "motion.refused", by, answer)
    return held


@transaction.atomic
def withdraw(motion: Motion, *, by: User) -> Motion:
    """Take back one's own motion."""
    held = Motion.objects.select_for_update().get(pk=motion.pk)
    if held.moved_by_id != by.pk or held.outcome != Outcome.OPEN:
        raise ConflictError(_("Only its mover takes an open motion back."))
    held.outcome, held.answered_at = Outcome.WITHDRAWN, timezone.now()
    held.save()
    _record(held, "motion.withdrawn", by, "")
    return held


def _answer(motion: Motion, outcome: Outcome, *, by: User, answer: str) -> Motion:
    held = (
        Motion.objects.select_for_update(of=("self",))
        .select_related("line__policy__live", "line__policy__candidate", "moved_by")
        .get(pk=motion.pk)
    )
    at = timezone.now()
    if held.moved_by_id == by.pk:
        raise InvalidInputError(
            _("Another person than the mover answers."), code="own_motion"
        )
    if not Motion.objects.filter(pk=held.pk).answerable_by(by).exists():
        raise InvalidInputError(_answered_by(held), code="wrong_party")
    if not answer.strip():
        raise InvalidInputError(_("Say why."), code="reason_missing")
    if held.outcome != Outcome.OPEN or held.expires_at <= at:
        raise ConflictError(_("This motion can no longer be answered."))
    if held.seen_policy != held.line.in_force.number:
        raise ConflictError(
            _("The policy has moved on since; this motion is overtaken.")
        )
    held.outcome, held.answered_by = outcome, by
    held.answered_at, held.answer = at, answer.strip()
    held.save()
    return held


def _answered_by(motion: Motion) -> str:
    if motion.act == Act.OVERRIDE:
        return _("An admin and a manager of the line sign an override, not one alone.")
    return _("A manager of the line answers.")


def _record(motion: Motion, action: str, by: User, reason: str) -> None:
    record(
        action,
        actor=actor_name(by),
        line=motion.line,
        subject=f"motion {motion.pk}",
        details={"act": motion.act, "arguments": motion.arguments},
        reason=reason,
    )
