"""Witnesses: the items that show what an alarm rang on."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from monitoring.catalogue import CATALOGUE, Ratio, Rows
from monitoring.models import Alarm, AlarmCause, Verdict
from monitoring.windows.counts import NOBODY_COULD_TELL
from monitoring.windows.double_reads import given_to_two
from monitoring.windows.streams import first_blind
from reviewapp.models import (
    AnswerKind,
    DecidedBy,
    Decision,
    Item,
    Label,
    Meaning,
    ModelVersion,
    Prediction,
    ProductLine,
    Review,
    SetAside,
    SnapshotRow,
)
from reviewapp.policy import Shown

MOST_SHOWN = 12
# How far reads are looked back at where nobody knows since when a reader differs.
LOOKED_BACK = timedelta(days=30)
NOTHING = Shown.NOTHING.value
PAIR = Rows(measures=("pair",))
DIFFERED = {
    AlarmCause.DISAGREEMENT: replace(PAIR, agreed=False),
    AlarmCause.ESCAPES: replace(
        PAIR, predicted=Meaning.PASS.value, answered=Meaning.REJECT.value
    ),
    AlarmCause.OVERKILL: replace(
        PAIR, predicted=Meaning.REJECT.value, answered=Meaning.PASS.value
    ),
}

# Half-open, by the time that the counts of a measure go by.
Span = tuple[datetime, datetime]
Found = TypeVar("Found", Review, Label, Prediction)


def items_that_show(alarm: Alarm) -> list[Item] | None:
    """Give the newest items that show an alarm; ``None`` where no single item does.

    No item that still waits for somebody: the list gives away what the model or a
    reader said. A drift is shown by what its windows hold, which is not known here.
    """
    match AlarmCause(alarm.cause):
        case AlarmCause.DISAGREEMENT | AlarmCause.ESCAPES | AlarmCause.OVERKILL:
            return _differed(alarm)
        case AlarmCause.INSPECTOR:
            return _read_otherwise(alarm)
        case AlarmCause.OUT_OF_BOUNDS:
            return _out_of_bounds(alarm)
        case _:
            return None


def items_answered(version: ModelVersion, key: str, within: Span) -> list[Item]:
    """Give the newest items of a span that a version answered with one class."""
    rows = Rows(measures=("prediction",), predicted=key)
    found = _predictions(version.line, version, rows, within)
    return _newest(_over(found), by="-item__occurred_at")


def version_then(line: ProductLine, at: datetime) -> ModelVersion | None:
    """Give the version that was live when the alarm rang."""
    policy = (
        line.policies.filter(created_at__lte=at)
        .select_related("live")
        .order_by("-number")
        .first()
    )
    return policy.live if policy else None


def _differed(alarm: Alarm) -> list[Item]:
    """Pairs that differ as the alarm says, from the change up to the alarm's end."""
    version = version_then(alarm.line, alarm.raised_at)
    if version is None:
        return []
    pairs = _pairs(alarm.line, version, DIFFERED[AlarmCause(alarm.cause)])
    pairs = pairs.filter(closed_at__lte=alarm.cleared_at or alarm.raised_at)
    if alarm.began_at is not None:
        pairs = pairs.filter(closed_at__gte=alarm.began_at)
    return _newest(_over(pairs), by="-closed_at")


def _read_otherwise(alarm: Alarm) -> list[Item]:
    """Items given to two on which a reader differed from the class they are held to.

    That is the one that people settled, or the other reader's where nothing was.
    """
    until = alarm.cleared_at or alarm.raised_at
    standing = Label.objects.filter(
        superseded_by=None,
        shown=NOTHING,
        label_class__isnull=False,
        labelled_at__lte=until,
    )
    others = (
        standing.filter(item=OuterRef("item"))
        .exclude(inspector=OuterRef("inspector"))
        .order_by("labelled_at", "pk")
    )
    settled = Decision.objects.filter(
        item=OuterRef("item"), superseded_by=None, decided_by=DecidedBy.PERSON
    )
    own = (
        standing.filter(
            given_to_two("item__routing"),
            item__line=alarm.line,
            inspector__pseudonym=alarm.subject,
            item__occurred_at__gte=alarm.began_at or alarm.raised_at - LOOKED_BACK,
        )
        .annotate(
            other=Subquery(others.values("label_class")[:1]),
            truth=Coalesce(Subquery(settled.values("label_class")[:1]), F("other")),
        )
        .filter(other__isnull=False)
        .exclude(label_class=F("truth"))
    )
    return _newest(_over(own), by="-labelled_at")


def _out_of_bounds(alarm: Alarm) -> list[Item] | None:
    """Items of the window that make a share what it is.

    Too large, by what is in its part; too small, where the part is what agrees, by what
    does not. What else is missing from a share cannot be shown, nor can an average.
    """
    metric = CATALOGUE.get(alarm.subject)
    start, end = alarm.figures.get("start"), alarm.figures.get("end")
    if metric is None or not isinstance(metric.reads, Ratio) or not (start and end):
        return None
    part = metric.reads.part
    if alarm.figures.get("verdict") == Verdict.LOW:
        if part.agreed is None:
            return None
        part = replace(part, agreed=not part.agreed)
    within = datetime.fromisoformat(start), datetime.fromisoformat(end)
    version = version_then(alarm.line, alarm.raised_at)
    return _of_part(alarm.line, version, part, within)


def _of_part(
    line: ProductLine, version: ModelVersion | None, part: Rows, within: Span
) -> list[Item] | None:
    start, end = within
    match part.measures:
        case ("error",):
            # no answer gives nothing away, whoever still waits
            found = _predictions(line, version, part, within)
            return _newest(found, by="-item__occurred_at")
        case ("prediction",):
            found = _predictions(line, version, part, within)
            return _newest(_over(found), by="-item__occurred_at")
        case ("pair",) if version is not None:
            pairs = _pairs(line, version, part).filter(
                item__occurred_at__gte=start, item__occurred_at__lt=end
            )
            return _newest(_over(pairs), by="-closed_at")
        case ("readers",):
            return _newest(_over(_read_by_two(line, part, within)), by="-closed_at")
        case ("shown",) | ("label",) | ("undone",):
            labels = _labels(line, version, part, within)
            return _newest(_over(labels), by="-labelled_at")
        case _:
            return None


def _pairs(line: ProductLine, version: ModelVersion, part: Rows) -> QuerySet[Review]:
    """Blind pairs of a version, with what people settled; none that it learnt from."""
    learnt = SnapshotRow.objects.filter(
        snapshot=version.snapshot_id, label__item=OuterRef("item")
    )
    # named here, since a later filter would look at other versions' answers as well
    pairs = first_blind(line, version).annotate(
        predicted=F("item__predictions__label_class__key"),
        predicted_meaning=F("item__predictions__label_class__meaning"),
    )
    if part.routes:
        pairs = pairs.filter(item__routing__route__in=part.routes)
    if part.predicted is not None:
        pairs = pairs.filter(
            Q(predicted=part.predicted) | Q(predicted_meaning=part.predicted)
        )
    if part.answered is not None:
        pairs = pairs.filter(
            Q(settled=part.answered) | Q(settled_meaning=part.answered),
            label__kind=AnswerKind.CLASS,
        )
    return _agreeing(pairs, part.agreed, Q(settled=F("predicted"))).exclude(
        Exists(learnt)
    )


def _predictions(
    line: ProductLine, version: ModelVersion | None, part: Rows, within: Span
) -> QuerySet[Prediction]:
    start, end = within
    found = Prediction.objects.filter(
        item__line=line,
        item__occurred_at__gte=start,
        item__occurred_at__lt=end,
        version=version,
    )
    if part.measures == ("error",):
        return found.exclude(error="")
    found = found.filter(error="")
    if part.predicted is None:
        return found
    return found.filter(
        Q(label_class__key=part.predicted) | Q(label_class__meaning=part.predicted)
    )


def _labels(
    line: ProductLine, version: ModelVersion | None, part: Rows, within: Span
) -> QuerySet[Label]:
    start, end = within
    found = Label.objects.filter(
        item__line=line, labelled_at__gte=start, labelled_at__lt=end
    )
    if part.measures == ("undone",):
        return found.filter(kind=AnswerKind.RETRACTION)
    found = found.exclude(kind=AnswerKind.RETRACTION)
    if part.answered == NOBODY_COULD_TELL:
        found = found.filter(label_class=None)
    if part.measures == ("shown",):
        found = found.filter(prediction__version=version).exclude(shown=NOTHING)
    return _agreeing(found, part.agreed, Q(label_class=F("prediction__label_class")))


def _read_by_two(line: ProductLine, part: Rows, within: Span) -> QuerySet[Review]:
    start, end = within
    closed = Review.objects.filter(
        closed_at__isnull=False, label__kind=AnswerKind.CLASS, label__shown=NOTHING
    )
    first = closed.filter(item=OuterRef("item"), read_number=1)
    found = (
        closed.filter(
            given_to_two("item__routing"),
            line=line,
            read_number=2,
            label__labelled_at__gte=start,
            label__labelled_at__lt=end,
        )
        .annotate(first=Subquery(first.values("label__label_class")[:1]))
        .filter(first__isnull=False)
    )
    return _agreeing(found, part.agreed, Q(label__label_class=F("first")))


def _agreeing(
    found: QuerySet[Found],
    agreed: bool | None,  # noqa: FBT001 - it is what the rows of a metric ask
    alike: Q,
) -> QuerySet[Found]:
    if agreed is None:
        return found
    return found.filter(alike) if agreed else found.exclude(alike)


def _over(found: QuerySet[Found]) -> QuerySet[Found]:
    """Leave out items that wait for somebody, or whose answers are still weighed.

    What is set aside waits for a manager, who may send it back to be read blind.
    """
    waits = Review.objects.filter(
        Q(closed_at=None) | Q(is_unsettled=True), item=OuterRef("item")
    )
    aside = SetAside.objects.filter(settled_at=None, item=OuterRef("item"))
    return found.exclude(Exists(waits)).exclude(Exists(aside))


def _newest(found: QuerySet[Found], *, by: str) -> list[Item]:
    rows = found.order_by(by).values_list("item", flat=True)[:MOST_SHOWN]
    return list(Item.objects.filter(pk__in=list(rows)).with_story().newest_first())
