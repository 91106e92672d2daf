"""Which stage of a version the errors come from: leave one out, and ask again.

Misses of two stages are not independent, so the share that each lets through says
little of the whole. What counts is what the version answers without a stage: its
audited errors that would be mended, and its right answers that would be lost.
"""

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from monitoring.models import Measurement, Verdict
from monitoring.stats.intervals import wilson
from reviewapp.errors import ModelHostError
from reviewapp.models import AnswerKind, Item, Label, ModelVersion, ProductLine
from reviewapp.runtimes.answers import Answer
from reviewapp.runtimes.stages import Stage, read_stages
from reviewapp.services.predictions import ask_version

MOST_ITEMS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEffect:
    """What a version answers without one of its stages, on blind-labelled items.

    ``mended`` are wrong answers that are right without the stage, ``lost`` the right
    ones that are wrong without it; both of ``count`` items, ``wrong`` of which the
    whole version answered wrongly.
    """

    stage: str
    count: int
    wrong: int
    mended: int
    lost: int


def effects_of_stages(
    line: ProductLine, version: ModelVersion, start: datetime, end: datetime
) -> list[StageEffect]:
    """Answer the window's blind-labelled items again, each time without one stage.

    At most 300 items, those with the smallest lottery numbers, so that the cost is
    bounded and the same window gives the same answer. The last stage gives the answer
    and cannot be left out.

    Raises
    ------
    ModelHostError
        If the host cannot be asked just now.
    """
    stages = read_stages(version.stages)
    labels = list(
        Label.objects.filter(
            review__line=line,
            shown="nothing",
            kind=AnswerKind.CLASS,
            superseded_by=None,
            item__occurred_at__gte=start,
            item__occurred_at__lt=end,
            item__routing__route__in=["blind", "audit"],
            item__payload__isnull=False,
        )
        .select_related("item__payload", "label_class")
        .order_by("item__routing__overlap_draw")[:MOST_ITEMS]
    )
    if not labels or len(stages) < 2:  # noqa: PLR2004 - one stage has no other
        return []
    items = [label.item for label in labels]
    truth = [label.label_class.key if label.label_class else "" for label in labels]
    whole = _right(line, version, items, truth, stages)
    found = []
    for left_out in stages[:-1]:
        remaining = _without(stages, left_out)
        right = _right(line, version, items, truth, remaining)
        pairs = list(zip(whole, right, strict=True))
        found.append(
            StageEffect(
                stage=left_out.name,
                count=len(pairs),
                wrong=whole.count(False),
                mended=pairs.count((False, True)),
                lost=pairs.count((True, False)),
            )
        )
    return found


def _without(stages: list[Stage], left_out: Stage) -> list[Stage]:
    """Let everything pass a stage; one that informs must still be asked."""
    if left_out.informs:
        return [
            replace(stage, passes=()) if stage is left_out else stage
            for stage in stages
        ]
    return [stage for stage in stages if stage is not left_out]


def _right(
    line: ProductLine,
    version: ModelVersion,
    items: list[Item],
    truth: list[str],
    stages: list[Stage],
) -> list[bool]:
    answers = ask_version(line, version, items, stages=stages)
    return [
        isinstance(answer, Answer) and answer.label == key
        for answer, key in zip(answers, truth, strict=True)
    ]


def measure_stages(
    line: ProductLine, *, start: datetime, end: datetime
) -> list[Measurement]:
    """Store, for each stage of the live version, the errors that it alone causes.

    The value is the share of items whose answer would be right without the stage. One
    window is measured once; a host that is down leaves it for the next time.
    """
    version = line.in_force.live
    if version is None or not version.stages:
        return []
    try:
        effects = effects_of_stages(line, version, start, end)
    except ModelHostError:
        return []
    rows = []
    for effect in effects:
        interval = wilson(effect.mended, effect.count)
        rows.append(
            Measurement(
                line=line,
                metric=f"stage:{effect.stage}",
                version=version,
                start=start,
                end=end,
                value=effect.mended / effect.count,
                low=interval.low,
                high=interval.high,
                count=effect.count,
                verdict=Verdict.UNBOUNDED,
                details=asdict(effect),
            )
        )
    return Measurement.objects.bulk_create(rows, ignore_conflicts=True)
