"""What happened on a line in a span: the marks that every plot of it carries."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitoring.models import Bound
from monitoring.services.series import Span
from reviewapp.models import Policy, ProductLine


class EventKind(StrEnum):
    """What kind of change a mark stands for."""

    RAISED = "raised"
    LOWERED = "lowered"
    VERSION = "version"
    ALARM = "alarm"
    BOUND = "bound"
    BOOK = "book"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change: when, of which kind, and the row that tells more."""

    at: datetime
    kind: EventKind
    subject: str
    reason: str = ""


def events(line: ProductLine, span: Span, *, metric: str = "") -> list[Event]:
    """Give the changes of a line in a span, oldest first; bounds only of one metric."""
    found = [*_moves(line, span), *_alarms(line, span), *_editions(line, span)]
    if metric:
        bounds = Bound.objects.filter(
            line=line, metric=metric, set_at__range=(span.start_at, span.end_at)
        )
        found += [
            Event(
                at=bound.set_at,
                kind=EventKind.BOUND,
                subject=bound.get_state_display(),
                reason=bound.reason,
            )
            for bound in bounds
        ]
    return sorted(found, key=lambda event: event.at)


def _moves(line: ProductLine, span: Span) -> Iterator[Event]:
    before: Policy | None = None
    policies = Policy.objects.filter(line=line, created_at__lt=span.end_at)
    for policy in policies.select_related("live").order_by("number"):
        if before is not None and policy.created_at >= span.start_at:
            if policy.live_id != before.live_id and policy.live is not None:
                yield Event(
                    at=policy.created_at,
                    kind=EventKind.VERSION,
                    subject=policy.live.name,
                    reason=policy.reason,
                )
            if policy.level != before.level:
                yield Event(
                    at=policy.created_at,
                    kind=(
                        EventKind.RAISED
                        if policy.level > before.level
                        else EventKind.LOWERED
                    ),
                    subject=policy.get_level_display(),
                    reason=policy.reason,
                )
        before = policy


def _alarms(line: ProductLine, span: Span) -> Iterator[Event]:
    raised = line.alarms.filter(raised_at__gte=span.start_at, raised_at__lt=span.end_at)
    for alarm in raised:
        yield Event(
            at=alarm.raised_at,
            kind=EventKind.ALARM,
            subject=alarm.get_cause_display(),
            reason=alarm.found,
        )


def _editions(line: ProductLine, span: Span) -> Iterator[Event]:
    if line.edition_id is None:
        return
    published = line.editions.filter(
        published_at__gte=span.start_at, published_at__lt=span.end_at
    )
    for edition in published:
        yield Event(
            at=edition.published_at or edition.begun_at,
            kind=EventKind.BOOK,
            subject=str(edition.number),
            reason=edition.note,
        )
