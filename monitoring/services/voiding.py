"""Voiding certificates: by age, and by an alarm of the version they are for.

``route`` has no clock. So a certificate that no longer holds is taken out of the policy
by a row of the system's own, which says why; whatever policy comes back later, it stays
void.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitoring.models import Alarm
from monitoring.services.alarm_terms import terms_of
from monitoring.windows.witnesses import version_then
from reviewapp.models import Cause, ProductLine
from reviewapp.models.policies import VoidBecause
from reviewapp.services.policies import append_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """When a certificate of a line was granted, and until when it is not too old."""

    granted_at: datetime
    valid_until: datetime


def grant_of(line: ProductLine, key: str, stored: dict[str, Any]) -> Grant:
    """Say when a stored certificate was granted.

    One that does not name its policy counts from the first that held the class for
    this version: rather too old than too young.
    """
    number = stored.get("granted_by")
    policies = line.policies.order_by("number")
    if number is None:
        holds = {key: {"fingerprint": stored["fingerprint"]}}
        policies = policies.filter(certificates__contains=holds)
    else:
        policies = policies.filter(number=number)
    granted_at = policies.values_list("created_at", flat=True)[0]
    days = line.in_force.terms().requirements.certificate_days
    return Grant(granted_at=granted_at, valid_until=granted_at + timedelta(days=days))


def void_certificates(line: ProductLine, *, at: datetime) -> int:
    """Take out what is aged or was hit by an alarm; return how many certificates."""
    in_force = line.in_force
    held = [
        *in_force.certificates.items(),
        *in_force.candidate_certificates.items(),
    ]
    if not held:
        return 0
    alarms = _alarms_that_void(line)
    struck = []
    for key, stored in held:
        grant = grant_of(line, key, stored)
        alarm = _first_hit(alarms, stored["fingerprint"], since=grant.granted_at)
        if alarm is None and at < grant.valid_until:
            continue
        because = VoidBecause.AGE if alarm is None else VoidBecause.ALARM
        struck.append(
            {
                "class": key,
                "fingerprint": stored["fingerprint"],
                "granted_by": stored.get("granted_by"),
                "because": because.value,
                "alarm": alarm[0].pk if alarm else None,
                "at": at.isoformat(),
            }
        )
    if not struck:
        return 0
    gone = {(entry["class"], entry["fingerprint"]) for entry in struck}
    append_policy(
        line,
        cause=Cause.VOIDED,
        by=None,
        reason=_reason(struck, days=in_force.terms().requirements.certificate_days),
        changes={
            "certificates": _without(in_force.certificates, gone),
            "candidate_certificates": _without(in_force.candidate_certificates, gone),
            "voided": [*in_force.voided, *struck],
        },
        as_of=at,
    )
    return len(struck)


def _without(
    certificates: dict[str, Any], gone: set[tuple[str, str]]
) -> dict[str, Any]:
    return {
        key: stored
        for key, stored in certificates.items()
        if (key, stored["fingerprint"]) not in gone
    }


AlarmOfVersion = tuple[Alarm, str]


def _alarms_that_void(line: ProductLine) -> list[AlarmOfVersion]:
    """The alarms that the line's terms name, with the version live at the time."""
    causes = terms_of(line).lowers_to
    alarms = line.alarms.filter(cause__in=causes).order_by("raised_at")
    found = []
    for alarm in alarms:
        version = version_then(line, alarm.raised_at)
        if version is not None:
            found.append((alarm, version.fingerprint))
    return found


def _first_hit(
    alarms: list[AlarmOfVersion], fingerprint: str, *, since: datetime
) -> AlarmOfVersion | None:
    hits = (
        (alarm, of)
        for alarm, of in alarms
        if of == fingerprint and alarm.raised_at >= since
    )
    return next(hits, None)


def _reason(struck: list[dict[str, Any]], *, days: int) -> str:
    parts = []
    for because, words in (
        (VoidBecause.AGE, f"older than {days} days"),
        (VoidBecause.ALARM, "an alarm has rung since"),
    ):
        keys = [e["class"] for e in struck if e["because"] == because.value]
        if keys:
            parts.append(f"{', '.join(keys)}: {words}")
    return "Certificates void: " + "; ".join(parts) + "."
