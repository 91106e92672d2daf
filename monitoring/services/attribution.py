"""Which stage of a version the errors come from: leave one out, and ask again.

Misses of two stages are not independent, so the share that each lets through says
little of the whole. What counts is what the version answers without a stage: its
audited errors that would be mended, and its right answers that would be lost; and of
the defective items those that every stage misses, and those that one alone catches.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt
from django.db.models import F, Min, QuerySet

from monitoring.models import Measurement, Verdict
from monitoring.services.figures import Share, share
from monitoring.stats.cascade import leave_one_out, two_stages
from monitoring.stats.intervals import wilson
from reviewapp.errors import ModelHostError
from reviewapp.models import (
    AnswerKind,
    Item,
    Label,
    Meaning,
    ModelVersion,
    ProductLine,
)
from reviewapp.runtimes.answers import Answer
from reviewapp.runtimes.stages import Stage, read_stages
from reviewapp.services.predictions import ask_version

MOST_ITEMS = 300
FEWEST_ITEMS = 200
FEWEST_DEFECTS = 20
JOINT = "stages"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEffect:
    """What a version answers without one of its stages, on blind-labelled items.

    ``mended`` are wrong answers that are right without the stage, ``lost`` the right
    ones that are wrong without it; both of ``count`` items, ``wrong`` of which the
    whole version answered wrongly. Of fewer than ``FEWEST_ITEMS`` it says little.
    """

    stage: str
    count: int
    wrong: int
    mended: int
    lost: int

    @property
    def alone(self) -> Share | None:
        """The share of the items whose error it alone causes, with its interval."""
        return share(self.mended, self.count)

    @property
    def is_few(self) -> bool:
        """Say whether the items are too few to say anything."""
        return self.count < FEWEST_ITEMS


@dataclass(frozen=True, slots=True, kw_only=True)
class JointMisses:
    """What all stages of a version let through together, of ``count`` defective items.

    ``missed`` is the share that none of them catches, from ``low`` to ``high``, and
    ``if_independent`` what it would be if two stages missed independently; ``None`` of
    more than two. ``held_back`` names for each stage the share that it alone catches.
    """

    count: int
    missed: float
    low: float
    high: float
    if_independent: float | None
    held_back: dict[str, float]


def effects_of_stages(
    line: ProductLine, version: ModelVersion, start: datetime, end: datetime
) -> list[StageEffect]:
    """Answer the window's blind-labelled items again, each time without one stage.

    The last stage gives the answer and cannot be left out.

    Raises
    ------
    ModelHostError
        If the host cannot be asked just now.
    """
    stages = read_stages(version.stages)
    labels = list(_blind_labels(line, start, end)[:MOST_ITEMS])
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


def misses_of_stages(
    line: ProductLine, version: ModelVersion, start: datetime, end: datetime
) -> JointMisses | None:
    """Ask every stage about the window's defective items, whatever the others say.

    A stage catches an item if it alone would have it rejected: the last by its answer,
    one before it by stopping the item as a class that rejects. ``None`` where fewer
    than two stages can, or fewer than 20 defective items were labelled blind.

    Raises
    ------
    ModelHostError
        If the host cannot be asked just now.
    """
    stages = read_stages(version.stages)
    rejects = set(
        line.classes.filter(meaning=Meaning.REJECT).values_list("key", flat=True)
    )
    checks = [
        stage
        for stage in stages
        if stage is stages[-1] or (stage.passes and stage.otherwise in rejects)
    ]
    if len(checks) < 2:  # noqa: PLR2004 - one check has none to miss with
        return None
    defective = _blind_labels(line, start, end, keys=rejects)
    items = [label.item for label in defective[:MOST_ITEMS]]
    if len(items) < FEWEST_DEFECTS:
        return None
    opened = [replace(stage, passes=()) for stage in stages]
    caught = np.array(
        [
            [_catches(stage, answer, rejects) for stage in checks]
            for answer in ask_version(line, version, items, stages=opened)
            if isinstance(answer, Answer)
        ],
        dtype=int,
    )
    if len(caught) < FEWEST_DEFECTS:
        return None
    alone = leave_one_out(caught)
    escapes = wilson(int((~caught.any(axis=1)).sum()), alone.n)
    return JointMisses(
        count=alone.n,
        missed=alone.escapes,
        low=escapes.low,
        high=escapes.high,
        if_independent=_if_independent(caught),
        held_back={
            stage.name: float(share)
            for stage, share in zip(checks, alone.held_back, strict=True)
        },
    )


def _catches(stage: Stage, answer: Answer, rejects: Collection[str]) -> bool:
    told = answer.stages.get(stage.name)
    said = told.get("answer") if isinstance(told, dict) else None
    return said not in stage.passes if stage.passes else said in rejects


def _if_independent(caught: npt.NDArray[np.int_]) -> float | None:
    if caught.shape[1] != 2:  # noqa: PLR2004 - the product is of two
        return None
    by_both = np.zeros((2, 2), dtype=int)
    np.add.at(by_both, (1 - caught[:, 0], 1 - caught[:, 1]), 1)
    return two_stages(by_both.tolist()).escapes_if_independent


def _blind_labels(
    line: ProductLine,
    start: datetime,
    end: datetime,
    *,
    keys: Collection[str] | None = None,
) -> QuerySet[Label]:
    """Give a window's blind labels, so that each item had one chance of being here.

    An item with a better chance of a look than the worst one stays by lot, as often as
    makes them equal. In the order of the lottery, so that the first of them are a
    sample too, and the same window always gives the same one.
    """
    labels = Label.objects.filter(
        review__line=line,
        review__read_number=1,
        shown="nothing",
        kind=AnswerKind.CLASS,
        superseded_by=None,
        item__occurred_at__gte=start,
        item__occurred_at__lt=end,
        item__routing__route__in=["blind", "audit"],
        item__payload__isnull=False,
    )
    if keys is not None:
        labels = labels.filter(label_class__key__in=keys)
    least = labels.aggregate(least=Min("item__routing__inclusion"))["least"]
    return (
        labels.annotate(
            place=F("item__routing__overlap_draw") * F("item__routing__inclusion")
        )
        .filter(place__lt=least or 0.0)
        .select_related("item__payload", "label_class")
        .order_by("place")
    )


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

    The value is the share of items whose answer would be right without the stage. What
    all stages miss together is stored beside them. One window is measured once; a host
    that is down leaves it for the next time.
    """
    version = line.in_force.live
    if version is None or not version.stages:
        return []
    try:
        effects = effects_of_stages(line, version, start, end)
        joint = misses_of_stages(line, version, start, end)
    except ModelHostError:
        return []
    rows = []
    for effect in effects:
        interval = wilson(effect.mended, effect.count)
        rows.append(
            Measurement(
                line=line,
                metric=f"stage:{effect.stage}",
                formula=2,
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
    if joint:
        rows.append(
            Measurement(
                line=line,
                metric=JOINT,
                version=version,
                start=start,
                end=end,
                value=joint.missed,
                low=joint.low,
                high=joint.high,
                count=joint.count,
                verdict=Verdict.UNBOUNDED,
                details=asdict(joint),
            )
        )
    return Measurement.objects.bulk_create(rows, ignore_conflicts=True)
