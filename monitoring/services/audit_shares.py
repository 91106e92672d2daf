"""Audit shares that follow the day: a floor, more after a change, less when clean.

``route`` has no clock. So each class's share is computed here from finished days, and
put in force by a policy row of the system's own, which keeps what it rests on.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import ceil
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from monitoring.stats.acceptance import Lot, Severity, severity_after
from monitoring.windows.audits import AuditDay, audit_days, audits_are_counted
from reviewapp.models import Job, JobKind, Policy, ProductLine
from reviewapp.policy import AutomationLevel
from reviewapp.services.locks import Sweep, try_sweep
from reviewapp.services.looks import follow_audit_shares

RAISED_FOR = timedelta(days=14)
DAYS_READ = 28
PACE_DAYS = 7
FACTORS = {Severity.TIGHTENED: 3.0, Severity.NORMAL: 1.0, Severity.REDUCED: 0.5}
# A share that moves less than this is left alone: each change is a policy.
LEAST_MOVE = 0.1


class Because(StrEnum):
    """Why a class is looked at as often as it is."""

    CHANGED = "changed"
    REFUSED = "refused"
    ALARM = "alarm"
    CLEAN = "clean"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How often one class is looked at from now on, and why.

    ``signed`` is the share that a person signed, ``share`` the one for the day;
    ``per_day`` the mean number that the model decided on a day with any.
    """

    key: str
    severity: Severity
    because: Because
    signed: float
    share: float
    per_day: float
    is_floor: bool


def follow_audits(*, as_of: datetime | None = None) -> int:
    """Put the day's audit shares in force on lines whose model decides; say how many.

    Run as often as one likes: finished days give the same shares, and equal shares
    append no policy.
    """
    at = as_of or timezone.now()
    playing = Job.objects.unfinished().filter(
        kind=JobKind.DEMO_HISTORY, line__isnull=False
    )
    lines = (
        ProductLine.objects.in_use()
        .filter(policy__level__gte=AutomationLevel.PARTIAL)
        .exclude(pk__in=playing.values("line"))
        .select_related("policy__live", "policy__candidate")
    )
    changed = 0
    for line in lines:
        with transaction.atomic():
            if not try_sweep(Sweep.FOLLOW_AUDITS):
                return changed
            changed += follow(line, at=at) is not None
    return changed


def follow(line: ProductLine, *, at: datetime) -> Policy | None:
    """Put one line's audit shares of the day in force; ``None`` where they are.

    Nothing follows from days that are not counted: they look like days without audits.
    """
    if not audits_are_counted(line, _today(line, at=at)):
        return None
    looks = looks_of(line, at=at)
    in_force = line.in_force
    terms = in_force.terms()
    moved = [
        look
        for look in looks
        if abs(look.share - terms.audit_share(look.key))
        > LEAST_MOVE * terms.audit_share(look.key)
    ]
    if not moved:
        return None
    return follow_audit_shares(
        line,
        {look.key: look.share for look in moved},
        reason="; ".join(_words(look) for look in moved)[:500],
        seen_policy=in_force.number,
        evidence={
            "audits": {
                look.key: {
                    "severity": look.severity.value,
                    "because": look.because.value,
                    "signed": look.signed,
                    "share": look.share,
                    "per_day": look.per_day,
                }
                for look in looks
            }
        },
        as_of=at,
    )


def looks_of(line: ProductLine, *, at: datetime) -> list[Look]:
    """Say how often each class that the model decides is to be looked at.

    1. After a change of level, version or threshold: tightened for 14 days.
    2. Else as the finished days since then say; reduced never while an alarm is open.
    3. Tightened is three times the signed share, reduced half of it.
    4. Never fewer than the line's floor of audits a day, shared by the classes, at the
       pace of the last seven days.
    """
    zone = ZoneInfo(line.time_zone)
    today = _today(line, at=at)
    changed_at = last_change(line, since=at - timedelta(days=DAYS_READ))
    start = today - timedelta(days=DAYS_READ)
    days = audit_days(line, start, today)
    is_fresh = changed_at is not None and at - changed_at < RAISED_FOR
    is_alarmed = line.alarms.open().exists()
    first = changed_at.astimezone(zone).date() if changed_at else None
    in_force = line.in_force
    terms = in_force.terms()
    signed = in_force.signed_audit_shares or in_force.audit_shares
    decided = [
        k for k, one in terms.certificates.items() if one.fingerprint == terms.live
    ]
    looks = []
    for key in sorted(decided):
        mine = [day for day in days if day.key == key]
        lots = lots_of([day for day in mine if first is None or day.day > first])
        severity = severity_after(lots, rate=terms.certificates[key].max_error)
        because = _because(severity)
        if is_fresh:
            severity, because = Severity.TIGHTENED, Because.CHANGED
        elif is_alarmed and severity is Severity.REDUCED:
            severity, because = Severity.NORMAL, Because.ALARM
        base = float(signed.get(key, in_force.default_audit_share))
        pace = _pace(mine, today.date())
        floor = _floor_share(ceil(in_force.audit_floor / len(decided)), pace)
        asked = min(base * FACTORS[severity], 1.0)
        looks.append(
            Look(
                key=key,
                severity=severity,
                because=because,
                signed=base,
                share=_rounded_up(max(asked, floor)),
                per_day=pace,
                is_floor=floor > asked,
            )
        )
    return looks


def _today(line: ProductLine, *, at: datetime) -> datetime:
    """Say when the present day of the line's own zone began."""
    zone = ZoneInfo(line.time_zone)
    return at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def last_change(line: ProductLine, *, since: datetime) -> datetime | None:
    """Say when level, version or thresholds last changed, if since then."""
    before = line.policies.filter(created_at__lt=since).order_by("-number").first()
    later = line.policies.filter(created_at__gte=since).order_by("number")
    changed_at, last = None, before
    for policy in later:
        if last is None or _decides(last) != _decides(policy):
            changed_at = policy.created_at
        last = policy
    return changed_at


def lots_of(days: Sequence[AuditDay]) -> list[Lot]:
    """Add a class's audits up by day, in order."""
    sums: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    for day in days:
        sums[day.day][0] += day.answered
        sums[day.day][1] += day.wrong
    return [Lot(audits, wrong) for _day, (audits, wrong) in sorted(sums.items())]


def _decides(policy: Policy) -> tuple[object, ...]:
    return (policy.level, policy.live_id, policy.certificates)


def _because(severity: Severity) -> Because:
    return {
        Severity.TIGHTENED: Because.REFUSED,
        Severity.NORMAL: Because.NOTHING,
        Severity.REDUCED: Because.CLEAN,
    }[severity]


def _pace(days: Sequence[AuditDay], today: date) -> float:
    """Mean number that the model decided on the last seven days, of those with any."""
    by_day: dict[date, int] = defaultdict(int)
    for day in days:
        if day.day >= today - timedelta(days=PACE_DAYS):
            by_day[day.day] += day.decided
    return sum(by_day.values()) / len(by_day) if by_day else 0.0


def _floor_share(audits: int, per_day: float) -> float:
    """Share that gives so many audits a day; nothing is known without a pace."""
    return min(audits / per_day, 1.0) if per_day else 0.0


def _rounded_up(share: float) -> float:
    return min(ceil(round(share * 1000, 6)) / 1000, 1.0)


def _words(look: Look) -> str:
    why = {
        Because.CHANGED: "within 14 days of a change",
        Because.REFUSED: "2 of 5 days were refused",
        Because.ALARM: "an alarm is open",
        Because.CLEAN: "10 clean days",
        Because.NOTHING: "nothing speaks against it",
    }[look.because]
    floor = ", raised to the floor" if look.is_floor else ""
    return (
        f"{look.key} {look.severity.value} ({why}{floor}): {look.share:.1%} of about "
        f"{look.per_day:.0f} a day"
    )
