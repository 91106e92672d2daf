"""A version's stages over time: what each let through, how it moved, what it cost."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import chain, groupby
from math import isfinite
from typing import Generic, TypeVar

from monitoring.models import Measurement
from monitoring.services.attribution import JOINT, JointMisses, StageEffect
from monitoring.services.comparisons import compare_answers
from monitoring.services.series import Point, Span, live_by_day, share_point
from monitoring.windows.days import DayOfColumn, columns_by_day, first_day
from reviewapp.models import ModelVersion, ProductLine
from reviewapp.runtimes.stages import Stage, read_stages

UNKNOWN = "unknown"
SLOW = 0.95
FIRST_DAYS = timedelta(days=14)
FEWEST = 200
FEWEST_OF_DAY = 50

Found = TypeVar("Found", StageEffect, JointMisses)


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
class InWindow(Generic[Found]):
    """What the newest window said, and from when to when it goes."""

    found: Found
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Era:
    """Days on end, from ``first`` to ``last``, that are shown of one version."""

    version: ModelVersion
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """One stage by the day.

    ``share`` is of its answers those that went on to the next stage, empty at the last
    one; ``unknown`` those that were "unknown" or made the item so, empty where the
    stage has no such answer. ``slowest`` is the time in milliseconds within which it
    answered 95 % of a day's items.
    """

    share: list[Point]
    unknown: list[Point]
    slowest: list[Point]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageOverTime:
    """One stage: its curves, and what can be said of it in words.

    The curves are, day by day, of the version that was live when the day ended, as far
    as it had a stage of that name. All else is of the version that is live now:
    ``answers`` are its own of the span, the most frequent first, and ``drift`` is
    ``None`` until its first days and one after them hold enough.
    """

    name: str
    is_last: bool
    curves: Curves
    answers: list[tuple[str, int]]
    drift: StageDrift | None
    effect: InWindow[StageEffect] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StagesOverTime:
    """The stages of a version, the first one first, and whose days are shown."""

    stages: list[StageOverTime]
    eras: list[Era]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageDay:
    """A column of a stage on one day, with the version that was live when it ended."""

    version: ModelVersion
    of: DayOfColumn


def stages_over_time(
    line: ProductLine, version: ModelVersion, span: Span
) -> StagesOverTime:
    """Give the stages of a version that is live; of one piece it has none.

    Before the line had any live version its days are shown, if it answered then.
    """
    stages = read_stages(version.stages)
    if not stages:
        return StagesOverTime(stages=[], eras=[])
    shown = _shown(line, version, span, {stage.name for stage in stages})
    begun = first_day(line, "stage_answer", version=version, zone=span.zone)
    first_days: list[DayOfColumn] = []
    if begun:
        first = Span(first=begun, last=begun + FIRST_DAYS, zone=span.zone)
        found = _days(line, first, "stage_answer")
        first_days = [day for day in found if day.version_id == version.pk]
    return StagesOverTime(
        stages=[
            _stage(
                line,
                version,
                stage,
                [day for day in shown if day.of.stage == stage.name],
                [day for day in first_days if day.stage == stage.name],
                is_last=stage is stages[-1],
            )
            for stage in stages
        ],
        eras=_eras(shown),
    )


def _shown(
    line: ProductLine, version: ModelVersion, span: Span, names: Collection[str]
) -> list[StageDay]:
    """Give for each day what the version that was live then did at these stages."""
    live = live_by_day(line, span)
    shown = []
    for day in _days(line, span, "stage_answer", "prediction_ms"):
        was_live = live.get(day.day) or version
        if day.version_id == was_live.pk and day.stage in names:
            shown.append(StageDay(version=was_live, of=day))
    return shown


def _days(line: ProductLine, span: Span, *columns: str) -> list[DayOfColumn]:
    days = columns_by_day(line, span.first, span.end, zone=span.zone, columns=columns)
    return sorted((day for day in days if day.stage), key=lambda day: day.day)


def _eras(shown: Sequence[StageDay]) -> list[Era]:
    """Say of which version the days are; one that came back has two eras."""
    eras = []
    for version, days in groupby(shown, key=lambda day: day.version):
        held = [day.of.day for day in days]
        eras.append(Era(version=version, first=held[0], last=held[-1]))
    return eras


def _stage(
    line: ProductLine,
    version: ModelVersion,
    stage: Stage,
    shown: Sequence[StageDay],
    first_days: Sequence[DayOfColumn],
    *,
    is_last: bool,
) -> StageOverTime:
    own = [day.of for day in shown if day.version == version]
    told = [day for day in own if day.column == "stage_answer" and day.sketch.count]
    return StageOverTime(
        name=stage.name,
        is_last=is_last,
        curves=_curves(stage.name, shown),
        answers=_words(told).most_common(),
        drift=_drift(first_days, told),
        effect=_effect(line, version, stage),
    )


def _curves(name: str, shown: Sequence[StageDay]) -> Curves:
    """Draw each version's days by what the stage of that name let through in it."""
    days: dict[ModelVersion, list[DayOfColumn]] = {}
    for day in shown:
        days.setdefault(day.version, []).append(day.of)
    found = [
        _curves_of(stages, place, days[version])
        for version in days
        for stages in [read_stages(version.stages)]
        for place, stage in enumerate(stages)
        if stage.name == name
    ]
    return Curves(
        share=_joined(one.share for one in found),
        unknown=_joined(one.unknown for one in found),
        slowest=_joined(one.slowest for one in found),
    )


def _joined(curves: Iterable[Sequence[Point]]) -> list[Point]:
    return sorted(chain.from_iterable(curves), key=lambda point: point.day)


def _curves_of(
    stages: Sequence[Stage], place: int, days: Sequence[DayOfColumn]
) -> Curves:
    stage, is_last = stages[place], place == len(stages) - 1
    told = [day for day in days if day.column == "stage_answer" and day.sketch.count]
    took = [day for day in days if day.column == "prediction_ms"]
    words = _words(told)
    goes_on = set() if is_last else set(stage.passes or words)
    is_unknown = {UNKNOWN}
    if not is_last and stage.otherwise == UNKNOWN:
        is_unknown = set(words) - goes_on
    may_be_unknown = is_last or stage.otherwise == UNKNOWN or UNKNOWN in words
    slowest = [(day, day.sketch.quantile(SLOW)) for day in took]
    return Curves(
        share=[] if is_last else _shares(told, goes_on),
        unknown=_shares(told, is_unknown) if may_be_unknown else [],
        slowest=[
            Point(day=day.day, value=value, count=day.sketch.count)
            for day, value in slowest
            if isfinite(value)
        ],
    )


def _words(told: Sequence[DayOfColumn]) -> Counter[str]:
    words: Counter[str] = Counter()
    for day in told:
        words.update(day.sketch.buckets)
    return words


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


def joint_misses(
    line: ProductLine, version: ModelVersion
) -> InWindow[JointMisses] | None:
    """Read what the newest window said of the defective items that no stage catches."""
    newest = _newest(line, version, JOINT)
    if newest is None:
        return None
    found = JointMisses(**newest.details)
    # the database keeps an object's names in an order of its own
    names = [stage.name for stage in read_stages(version.stages)]
    held = found.held_back
    held_back = {name: held[name] for name in names if name in held}
    return InWindow(
        found=replace(found, held_back=held_back), start=newest.start, end=newest.end
    )


def _effect(
    line: ProductLine, version: ModelVersion, stage: Stage
) -> InWindow[StageEffect] | None:
    """Read what the newest window said of the errors that a stage alone causes."""
    newest = _newest(line, version, f"stage:{stage.name}")
    if newest is None:
        return None
    found = StageEffect(**newest.details)
    return InWindow(found=found, start=newest.start, end=newest.end)


def _newest(
    line: ProductLine, version: ModelVersion, metric: str
) -> Measurement | None:
    measured = Measurement.objects.of_line(line).filter(metric=metric, version=version)
    return measured.newest_first().first()
