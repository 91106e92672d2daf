"""Keeping the activity log: who did what, in the transaction that did it."""

from typing import Any

from reviewapp.models import ProductLine, Record, User
from reviewapp.tracing import request_id

SYSTEM = "system"


def actor_name(by: User | None) -> str:
    """Name a person by pseudonym; what the workers do by themselves is the system's."""
    return by.pseudonym if by else SYSTEM


def record(
    action: str,
    *,
    actor: str,
    line: ProductLine | None = None,
    subject: str = "",
    details: dict[str, Any] | None = None,
    reason: str = "",
) -> Record:
    """Add one act to the activity log; call it inside the transaction of the act."""
    return Record.objects.create(
        actor=actor,
        line=line,
        action=action,
        subject=subject,
        details=details or {},
        reason=reason,
        request_id=request_id.get(),
    )
