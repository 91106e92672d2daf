"""Drift: each window of a line against its version's references, and what rings.

Drift of what arrives is a reason to look and never one to lower: a model may be right
on other items too, and wrong without any of this being seen.
"""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from monitoring.models import (
    AlarmCause,
    CountRun,
    DriftState,
    DriftWindow,
    HourlyCount,
    Measure,
)
from monitoring.models.drift import JUDGED
from monitoring.services.alarms import recover, take_back
from monitoring.services.early_looks import look_early
from monitoring.services.findings import ring_found
from monitoring.services.references import take_reference, went_live_at
from monitoring.services.window_comparing import Span, compare_window
from monitoring.services.windowsizes import size_of
from reviewapp.models import ModelVersion, ProductLine

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MOST_WINDOWS_A_RUN = 40
CLASSIFIER_ITEMS = 2_000
# One quiet window in a hundred has a column called moved, and two in a row ring.
WINDOWS_TO_FALSE_ALARM = 10_000


def compare_lines(*, as_of: datetime | None = None) -> int:
    """Compare the windows of all lines that have ended; return how many there were."""
    at = as_of or timezone.now()
    lines = ProductLine.objects.in_use().select_related("policy__live__schema")
    return sum(len(compare_line(line, at=at)) for line in lines)


def compare_line(line: ProductLine, *, at: datetime) -> list[DriftWindow]:
    """Compare a line's windows that have ended since the last run, and ring.

    The line's live version gets its references first, if it lacks them. What came
    since an open alarm began is looked at early, where no window tells of it yet.
    """
    version = line.in_force.live
    if version is None:
        return []
    take_reference(line, at=at)
    made = _compare_ended(line, version, at=at)
    look_early(line, version, at=at)
    return made


def _compare_ended(
    line: ProductLine, version: ModelVersion, *, at: datetime
) -> list[DriftWindow]:
    counted_to = counted_until(line)
    if counted_to is None:
        return []
    made: list[DriftWindow] = []
    while len(made) < MOST_WINDOWS_A_RUN:
        span = next_span(line, version, counted_to=counted_to, at=at)
        if span is None:
            break
        window = compare_span(line, version, span)
        made.append(window)
        _ring(line, window, at=at)
        _recover(line, window, at=at)
    return made


def counted_until(line: ProductLine) -> datetime | None:
    """Say up to when a line's hours are counted."""
    run = CountRun.objects.filter(line=line).first()
    return run.counted_to if run else None


def next_span(
    line: ProductLine, version: ModelVersion, *, counted_to: datetime, at: datetime
) -> Span | None:
    """Give the next window that has ended and is counted; ``None`` while it fills."""
    size = size_of(line)
    start, counted_to = open_since(line, version), _full_hour(min(counted_to, at))
    longest = start + timedelta(days=size.longest_days)
    hours = (
        HourlyCount.objects.of_line(line)
        .filter(measure=Measure.ITEM)
        .between(start, counted_to)
        .order_by("hour")
        .values_list("hour", "count")
    )
    held, full_at = 0, None
    for hour, count in hours:
        if hour >= (full_at or longest):
            break
        held += count
        if full_at is None and held >= size.items:
            full_at = max(hour + HOUR, start + size.hours * HOUR)
    end = min(full_at or longest, longest)
    if end > counted_to:
        return None
    return Span(start=start, end=end, items=held)


def open_since(line: ProductLine, version: ModelVersion) -> datetime:
    """Say where the window that is still filling begins."""
    last = DriftWindow.objects.of_version(line, version).newest_first().first()
    return last.end if last else _full_hour(went_live_at(line, version))


def compare_span(line: ProductLine, version: ModelVersion, span: Span) -> DriftWindow:
    """Hold one window against the references, and keep what was found."""
    is_due = _is_classifier_due(line, version, span)
    window = compare_window(line, version, span, as_a_whole=is_due)
    DriftWindow.objects.bulk_create([window], ignore_conflicts=True)
    return DriftWindow.objects.of_version(line, version).get(start=span.start)


def _is_classifier_due(line: ProductLine, version: ModelVersion, span: Span) -> bool:
    """Say whether a day or 2,000 items have passed since the last trial."""
    of_version = DriftWindow.objects.of_version(line, version)
    last = of_version.exclude(whole={}).newest_first().first()
    is_large = span.items >= CLASSIFIER_ITEMS
    return last is None or is_large or span.end - last.end >= DAY


def _ring(line: ProductLine, window: DriftWindow, *, at: datetime) -> None:
    """Ring for what moved in two windows in a row; one alone is a warning.

    Windows shorter than a day are not all tried by the classifier: of those that were,
    it asks two in a row.
    """
    before, tried = window.judged_before(), window.tried_before()
    if window.state != DriftState.MOVED or before is None:
        return
    began = before
    moved: list[str] = []
    if before.moved:
        moved = sorted({*window.moved} & {*before.moved}) or window.moved
    is_told_apart = bool(window.is_told_apart and tried and tried.is_told_apart)
    if is_told_apart and tried is not None and not moved:
        began = tried
    if moved or is_told_apart:
        shown = {
            name: {
                key: window.columns[name].get(key)
                for key in ("shift", "p", "psi", "tv", "unseen", "moved")
            }
            for name in moved
        }
        _ring_and_take_back(
            line,
            AlarmCause.INPUT_DRIFT,
            figures={
                "columns": shown,
                "classifier": window.whole if is_told_apart else {},
                "window": window.pk,
                "items": window.items,
                "windows_between_false_alarms": WINDOWS_TO_FALSE_ALARM,
            },
            began_at=began.start,
            at=at,
        )
    if window.has_other_answers and before.has_other_answers:
        _ring_and_take_back(
            line,
            AlarmCause.PREDICTION_DRIFT,
            figures={"window": window.pk, **window.predictions},
            began_at=before.start,
            at=at,
        )


def _recover(line: ProductLine, window: DriftWindow, *, at: datetime) -> None:
    """End a drift that two windows in a row do not show any more.

    A window without answers shows nothing of them.
    """
    before = window.judged_before()
    if window.state not in JUDGED or before is None:
        return
    two = (window, before)
    quiet = {
        AlarmCause.INPUT_DRIFT: not any(one.keeps_input_drift for one in two),
        AlarmCause.PREDICTION_DRIFT: all(
            one.has_other_answers is False and not one.keeps_answer_drift for one in two
        ),
    }
    over = [cause for cause, is_quiet in quiet.items() if is_quiet]
    for alarm in line.alarms.open().filter(cause__in=over):
        recover(alarm, figures={"window": window.pk}, at=at)


def _ring_and_take_back(
    line: ProductLine,
    cause: AlarmCause,
    *,
    figures: dict[str, Any],
    began_at: datetime,
    at: datetime,
) -> None:
    alarm = ring_found(line, cause, figures=figures, began_at=began_at, at=at)
    if alarm is not None:
        take_back(alarm, at=at)


def _full_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
