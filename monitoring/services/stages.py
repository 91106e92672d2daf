"""A version's stages over time: what each let through, how long it took and cost."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite

from monitoring.models import Measurement
from monitoring.services.attribution import StageEffect
from monitoring.services.series import Point, Span, share_point
from monitoring.windows.days import DayOfColumn, columns_by_day
from reviewapp.models import ModelVersion, ProductLine
from reviewapp.runtimes.stages import Stage, read_stages

UNKNOWN = "unknown"
SLOW = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class StageOverTime:
    """One stage by the day.

    ``share`` is of its answers: those that went on to the next stage or, at the last
    one, those that were "unknown". ``slowest`` is the time in milliseconds within
    which it answered 95 % of a day's items. ``answers`` are all of the span, the most
    frequent first.
    """

    name: str
    is_last: bool
    share: list[Point]
    slowest: list[Point]
    answers: list[tuple[str, int]]
    effect: StageEffect | None


def stages_over_time(
    line: ProductLine, version: ModelVersion, span: Span
) -> list[StageOverTime]:
    """Give the stages of a version, the first one first; of one piece it has none."""
    stages = read_stages(version.stages)
    if not stages:
        return []
    columns = ("stage_answer", "prediction_ms")
    days = [
        day
        for day in columns_by_day(
            line, span.first, span.end, zone=span.zone, columns=columns
        )
        if day.version_id == version.pk and day.stage
    ]
    days.sort(key=lambda day: day.day)
    return [
        _stage(line, version, stage, days, is_last=stage is stages[-1])
        for stage in stages
    ]


def _stage(
    line: ProductLine,
    version: ModelVersion,
    stage: Stage,
    days: Iterable[DayOfColumn],
    *,
    is_last: bool,
) -> StageOverTime:
    own = [day for day in days if day.stage == stage.name]
    told = [day for day in own if day.column == "stage_answer" and day.sketch.count]
    took = [day for day in own if day.column == "prediction_ms"]
    words: Counter[str] = Counter()
    for day in told:
        words.update(day.sketch.buckets)
    counted = {UNKNOWN} if is_last else set(stage.passes or words)
    slowest = [(day, day.sketch.quantile(SLOW)) for day in took]
    return StageOverTime(
        name=stage.name,
        is_last=is_last,
        share=[
            share_point(
                day.day,
                sum(n for word, n in day.sketch.buckets.items() if word in counted),
                day.sketch.count,
            )
            for day in told
        ],
        slowest=[
            Point(day=day.day, value=value, count=day.sketch.count)
            for day, value in slowest
            if isfinite(value)
        ],
        answers=words.most_common(),
        effect=_effect(line, version, stage),
    )


def _effect(
    line: ProductLine, version: ModelVersion, stage: Stage
) -> StageEffect | None:
    """Read what the newest window said of the errors that a stage alone causes."""
    measured = Measurement.objects.of_line(line).filter(
        metric=f"stage:{stage.name}", version=version
    )
    newest = measured.newest_first().first()
    return StageEffect(**newest.details) if newest else None
