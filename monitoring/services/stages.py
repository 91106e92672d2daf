"""A version's stages over time: what each let through, how it moved, what it cost."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import isfinite

from monitoring.models import Measurement
from monitoring.services.attribution import JOINT, JointMisses, StageEffect
from monitoring.services.comparisons import compare_answers
from monitoring.services.series import Point, Span, share_point
from monitoring.windows.days import DayOfColumn, columns_by_day, first_day
from reviewapp.models import ModelVersion, ProductLine
from reviewapp.runtimes.stages import Stage, read_stages

UNKNOWN = "unknown"
SLOW = 0.95
FIRST_DAYS = timedelta(days=14)
FEWEST = 200
FEWEST_OF_DAY = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class StageDrift:
    """How far a stage's answers have moved from those of the version's first days.

    The first days are those from ``first`` to ``last``, which hold ``count`` answers.
    ``moved`` is, by the day after them, the share of answers that would have to change
    for the shares to be as they were. Of the newest such day, ``p`` is the chance of
    a difference like that without any change (chi-square), and ``word`` the answer
    whose share moved most, from ``before`` to ``after``.
    """

    first: date
    last: date
    count: int
    moved: list[Point]
    p: float
    word: str
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StageOverTime:
    """One stage by the day.

    ``share`` is of its answers those that went on to the next stage, empty at the last
    one; ``unknown`` those that were "unknown" or made the item so, empty where the
    stage has no such answer. ``slowest`` is the time in milliseconds within which it
    answered 95 % of a day's items. ``answers`` are all of the span, the most frequent
    first. ``drift`` is ``None`` until its first days and one after them hold enough.
    """

    name: str
    is_last: bool
    share: list[Point]
    unknown: list[Point]
    slowest: list[Point]
    answers: list[tuple[str, int]]
    drift: StageDrift | None
    effect: StageEffect | None


def stages_over_time(
    line: ProductLine, version: ModelVersion, span: Span
) -> list[StageOverTime]:
    """Give the stages of a version, the first one first; of one piece it has none."""
    stages = read_stages(version.stages)
    if not stages:
        return []
    days = _days(line, version, span, "stage_answer", "prediction_ms")
    begun = first_day(line, "stage_answer", version=version, zone=span.zone)
    first_days = (
        _days(
            line,
            version,
            Span(first=begun, last=begun + FIRST_DAYS, zone=span.zone),
            "stage_answer",
        )
        if begun
        else []
    )
    return [
        _stage(line, version, stage, days, first_days, is_last=stage is stages[-1])
        for stage in stages
    ]


def _days(
    line: ProductLine, version: ModelVersion, span: Span, *columns: str
) -> list[DayOfColumn]:
    days = columns_by_day(line, span.first, span.end, zone=span.zone, columns=columns)
    own = [day for day in days if day.version_id == version.pk and day.stage]
    return sorted(own, key=lambda day: day.day)


def _stage(
    line: ProductLine,
    version: ModelVersion,
    stage: Stage,
    days: Sequence[DayOfColumn],
    first_days: Sequence[DayOfColumn],
    *,
    is_last: bool,
) -> StageOverTime:
    own = [day for day in days if day.stage == stage.name]
    told = [day for day in own if day.column == "stage_answer" and day.sketch.count]
    took = [day for day in own if day.column == "prediction_ms"]
    words: Counter[str] = Counter()
    for day in told:
        words.update(day.sketch.buckets)
    goes_on = set() if is_last else set(stage.passes or words)
    is_unknown = {UNKNOWN}
    if not is_last and stage.otherwise == UNKNOWN:
        is_unknown = set(words) - goes_on
    may_be_unknown = is_last or stage.otherwise == UNKNOWN or UNKNOWN in words
    slowest = [(day, day.sketch.quantile(SLOW)) for day in took]
    return StageOverTime(
        name=stage.name,
        is_last=is_last,
        share=[] if is_last else _shares(told, goes_on),
        unknown=_shares(told, is_unknown) if may_be_unknown else [],
        slowest=[
            Point(day=day.day, value=value, count=day.sketch.count)
            for day, value in slowest
            if isfinite(value)
        ],
        answers=words.most_common(),
        drift=_drift([one for one in first_days if one.stage == stage.name], told),
        effect=_effect(line, version, stage),
    )


def _shares(told: Sequence[DayOfColumn], wanted: set[str]) -> list[Point]:
    """Give by the day the share of the answers that are among those wanted."""
    return [
        share_point(
            day.day,
            sum(n for word, n in day.sketch.buckets.items() if word in wanted),
            day.sketch.count,
        )
        for day in told
    ]


def _drift(
    first_days: Sequence[DayOfColumn], told: Sequence[DayOfColumn]
) -> StageDrift | None:
    """Hold each day's answers against the first days', as those of a whole version."""
    before: Counter[str] = Counter()
    known = []
    for day in first_days:
        if before.total() < FEWEST:
            known.append(day.day)
            before.update(day.sketch.buckets)
    if before.total() < FEWEST:
        return None
    later = [
        day for day in told if day.day > known[-1] and day.sketch.count >= FEWEST_OF_DAY
    ]
    if not later:
        return None
    found = [compare_answers(before, day.sketch.buckets) for day in later]
    newest = later[-1].sketch
    then = {word: n / before.total() for word, n in before.items()}
    now = {word: n / newest.count for word, n in newest.buckets.items()}
    word = max(
        sorted({*then, *now}),
        key=lambda one: abs(now.get(one, 0.0) - then.get(one, 0.0)),
    )
    return StageDrift(
        first=known[0],
        last=known[-1],
        count=before.total(),
        moved=[
            Point(day=day.day, value=one["tv"], count=day.sketch.count)
            for day, one in zip(later, found, strict=True)
        ],
        p=found[-1]["p"],
        word=word,
        before=then.get(word, 0.0),
        after=now.get(word, 0.0),
    )


def joint_misses(line: ProductLine, version: ModelVersion) -> JointMisses | None:
    """Read what the newest window said of the defective items that no stage catches."""
    newest = _newest(line, version, JOINT)
    if newest is None:
        return None
    found = JointMisses(**newest.details)
    # the database keeps an object's names in an order of its own
    names = [stage.name for stage in read_stages(version.stages)]
    held = found.held_back
    held_back = {name: held[name] for name in names if name in held}
    return replace(found, held_back=held_back)


def _effect(
    line: ProductLine, version: ModelVersion, stage: Stage
) -> StageEffect | None:
    """Read what the newest window said of the errors that a stage alone causes."""
    newest = _newest(line, version, f"stage:{stage.name}")
    return StageEffect(**newest.details) if newest else None


def _newest(
    line: ProductLine, version: ModelVersion, metric: str
) -> Measurement | None:
    measured = Measurement.objects.of_line(line).filter(metric=metric, version=version)
    return measured.newest_first().first()
