"""Freshness: what is missing or too old on a line, so that silence is never calm."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitoring.models import AlarmCause, HourlyCount, Measure, Measurement
from monitoring.services.alarms import recover, ring, take_back
from monitoring.services.bounds import Asked, asked_of
from monitoring.services.calendars import worktime_of
from monitoring.services.drift import counted_until, next_span
from reviewapp.models import ProductLine

HOUR = timedelta(hours=1)
OLDEST_COUNTS = timedelta(minutes=30)
# An hour is measured within minutes of its end.
OLDEST_MEASUREMENT = timedelta(hours=2)
LONGEST_SILENCE = timedelta(hours=4)
# Of a line that asks for no pace it is said, and rung by nobody.
LONGEST_PAUSE = timedelta(hours=24)
# A training may rightly hold up a comparison for four hours.
LONGEST_UNCOMPARED = timedelta(hours=6)


class Missing(StrEnum):
    """What a line is without."""

    COMPARISONS = "comparisons"
    ITEMS = "items"
    COUNTS = "counts"
    MEASUREMENTS = "measurements"
    JUDGEMENT = "judgement"


# The metric that asks for it, and is muted to have no alarm about it.
ASKED_BY = {
    Missing.ITEMS: "items_per_hour",
    Missing.COUNTS: "judgement_age",
    Missing.MEASUREMENTS: "judgement_age",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that is missing, and when it was last there."""

    missing: Missing
    since: datetime

    @property
    def ages_figures(self) -> bool:
        """Say whether a line's figures are as old as that; drift stands beside them."""
        return self.missing is not Missing.COMPARISONS


def gaps(line: ProductLine, *, at: datetime) -> list[Gap]:
    """Give what is missing on a line or too old to be judged by.

    A line that never had a thing does not miss it. Items are missed after four hours
    in which the line was to work, where it asks for a pace: the metric of items an hour
    has a lower bound. Where it does not, after a day of such hours. A gap that ages no
    figure comes first.
    """
    asked = {one.metric.key: one for one in asked_of(line)}
    counted_to = counted_until(line)
    found = [
        _comparison_gap(line, counted_to, at=at),
        _older(Missing.MEASUREMENTS, _measured_to(line), at - OLDEST_MEASUREMENT),
        _older(Missing.COUNTS, counted_to, at - OLDEST_COUNTS),
        _judgement_gap(line, asked["judgement_age"], at=at),
        _item_gap(line, asked["items_per_hour"], at=at),
    ]
    return [gap for gap in found if gap is not None]


def ring_gaps(line: ProductLine, *, at: datetime) -> int:
    """Ring for what is missing where its metric is active; end what is back.

    That nobody judged cannot be rung by who judges: it stands on the line's page, and
    the model stops deciding by itself. That nobody compared stands there too: drift
    takes no level back, and neither does its absence. Items are rung for where a pace
    is asked for.
    """
    active = {
        one.metric.key
        for one in asked_of(line)
        if one.may_ring
        and (one.metric.key != ASKED_BY[Missing.ITEMS] or one.lower is not None)
    }
    missing = {gap.missing: gap for gap in gaps(line, at=at)}
    ringing = {
        alarm.subject: alarm
        for alarm in line.alarms.open().filter(cause=AlarmCause.NO_DATA)
    }
    rung = 0
    for kind, metric in ASKED_BY.items():
        gap = missing.get(kind)
        alarm = ringing.get(kind.value)
        if gap is None and alarm is not None:
            recover(alarm, figures={}, at=at)
        if gap is not None and alarm is None and metric in active:
            made = ring(
                line,
                AlarmCause.NO_DATA,
                subject=kind.value,
                figures={"since": gap.since.isoformat()},
                began_at=gap.since,
                at=at,
            )
            if made is not None:
                take_back(made, at=at)
                rung += 1
    return rung


def _older(missing: Missing, since: datetime | None, oldest: datetime) -> Gap | None:
    if since is None or since >= oldest:
        return None
    return Gap(missing=missing, since=since)


def _comparison_gap(
    line: ProductLine, counted_to: datetime | None, *, at: datetime
) -> Gap | None:
    """Miss a comparison that was due hours ago: nobody but who compares would say."""
    version = line.in_force.live
    if version is None or counted_to is None:
        return None
    due = next_span(line, version, counted_to=counted_to, at=at)
    if due is None or due.end >= at - LONGEST_UNCOMPARED:
        return None
    return Gap(missing=Missing.COMPARISONS, since=due.start)


def _judgement_gap(line: ProductLine, asked: Asked, *, at: datetime) -> Gap | None:
    if asked.upper is None:
        return None
    oldest = at - timedelta(seconds=asked.upper)
    return _older(Missing.JUDGEMENT, line.state.judged_at, oldest)


def _item_gap(line: ProductLine, asked: Asked, *, at: datetime) -> Gap | None:
    newest = (
        HourlyCount.objects.of_line(line)
        .filter(measure=Measure.ITEM, hour__lt=at)
        .order_by("-hour")
        .first()
    )
    if newest is None:
        return None
    # an hour with an item may hold it at its end
    since = min(newest.hour + HOUR, at)
    is_asked = asked.is_measured and asked.lower is not None
    longest = LONGEST_SILENCE if is_asked else LONGEST_PAUSE
    if at - since < longest:
        return None
    # once missed, it is missed until an item comes, also when the shift is over
    if worktime_of(line).length(since, at) < longest:
        return None
    return Gap(missing=Missing.ITEMS, since=since)


def _measured_to(line: ProductLine) -> datetime | None:
    newest = Measurement.objects.of_line(line).newest_first().first()
    return newest.end if newest else None
