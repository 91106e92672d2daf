"""Streams: blind labels in the order in which they were given, for the detectors.

An item counts with its first blind label. Once others have read it too and settled it,
it counts as settled: a slip of the first reader is then no longer held against the
model, and where people reject one good item in a hundred, that is most of what they
hold against it.

Where an item is still being read, it and its neighbours count with their first labels,
and are early. Those hold more against the model than settled items do, so they are held
to a rate of first labels: a senior who is a week late is no change of the model.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import compress
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When

from monitoring.windows.double_reads import given_to_two
from reviewapp.models import (
    DecidedBy,
    Decision,
    Label,
    Meaning,
    ModelVersion,
    Prediction,
    ProductLine,
    Review,
)
from reviewapp.policy import Certificate, Shown

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Times = list[datetime]
Span = tuple[datetime, datetime]

# Neighbours: so many labels that one item of them which stays open for long, which it
# does because its readers differ, hardly raises the rate at which they differ.
NEIGHBOURS = 100
FIELDS = (
    "item__predictions__label_class__key",
    "item__predictions__label_class__meaning",
    "label__label_class__key",
    "label__label_class__meaning",
    "settled",
    "settled_meaning",
    "item__predictions__confidence",
    "item__occurred_at",
    "is_open",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """What people said of one version's answers without sight of them, oldest first.

    ``differs`` in any way; ``escapes`` where the model passes and the person rejects;
    ``overkills`` the other way round. ``is_sure`` says that the answer was confident
    enough for the certificate of its class, which may be void by now: a fall changes
    what is labelled, and not what the model was sure of. ``is_early`` says that the
    item counts with its first label, since it or a neighbour is still being read.
    """

    differs: Bools
    escapes: Bools
    overkills: Bools
    rejected: Bools
    is_sure: Bools
    is_early: Bools
    confidence: Floats
    occurred_at: Times

    @property
    def confirmed(self) -> Bools:
        """Where both the model and the person reject."""
        return self.rejected & ~self.escapes

    @property
    def newest_at(self) -> datetime | None:
        """When the newest item of them occurred."""
        return max(self.occurred_at, default=None)

    @property
    def labels(self) -> int:
        """How many labels there are."""
        return len(self.occurred_at)

    def of(self, chosen: Bools) -> "Stream":
        """Give some of the labels, in their order."""
        return Stream(
            differs=self.differs[chosen],
            escapes=self.escapes[chosen],
            overkills=self.overkills[chosen],
            rejected=self.rejected[chosen],
            is_sure=self.is_sure[chosen],
            is_early=self.is_early[chosen],
            confidence=self.confidence[chosen],
            occurred_at=list(compress(self.occurred_at, chosen)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The same labels twice: as people settled the items, and as they first said."""

    settled: Stream
    early: Stream


def newest_labels(
    line: ProductLine,
    version: ModelVersion,
    *,
    after: datetime | None,
    until: datetime,
    most: int,
) -> Stream:
    """Give the newest labels of a version, given after one time and until another."""
    rows = first_blind(line, version).filter(closed_at__lte=until)
    if after is not None:
        rows = rows.filter(closed_at__gt=after)
    newest = rows.order_by("-closed_at", "-pk").values_list(*FIELDS)[:most]
    said = _said(newest)[::-1]
    return _stream(line, version, said, is_early=_near_open(said))


def first_labels(
    line: ProductLine,
    version: ModelVersion,
    *,
    since: datetime,
    until: datetime,
    most: int,
    left_out: Iterable[Span] = (),
) -> Baseline:
    """Give the first labels that a version got on a line, counted in both ways.

    Items that occurred in a span that is left out are none of them.
    """
    rows = first_blind(line, version).filter(closed_at__gte=since, closed_at__lte=until)
    for start, end in left_out:
        rows = rows.exclude(item__occurred_at__range=(start, end))
    said = _said(rows.order_by("closed_at", "pk").values_list(*FIELDS)[:most])
    nobody, everybody = np.zeros(len(said), dtype=bool), np.ones(len(said), dtype=bool)
    return Baseline(
        settled=_stream(line, version, said, is_early=nobody),
        early=_stream(line, version, said, is_early=everybody),
    )


def first_blind(line: ProductLine, version: ModelVersion) -> QuerySet[Review]:
    """Closed first reads without sight of the answer, which was there before."""
    return (
        Review.objects.filter(
            line=line,
            read_number=1,
            closed_at__isnull=False,
            label__shown=Shown.NOTHING.value,
            item__routing__route__in=["blind", "audit"],
            item__predictions__version=version,
            item__predictions__error="",
            item__predictions__predicted_at__lte=F("label__labelled_at"),
        )
        .exclude(label__kind="retraction")
        .annotate(
            settled=_settled_or("label__label_class__key", "key"),
            settled_meaning=_settled_or("label__label_class__meaning", "meaning"),
            is_open=Exists(_open_reads(OuterRef("item"))),
        )
    )


def _open_reads(item: OuterRef) -> QuerySet[Review]:
    """Reads of an item that are asked for, or whose answer has still to be weighed."""
    return Review.objects.filter(
        Q(closed_at=None) | Q(is_unsettled=True), item=item, gold=None
    )


def _settled_or(first: str, of_class: str) -> Case:
    """Give what people settled an item as, where they did, else the first label's.

    A model's own decision is settled only where a second reader let it stand.
    """
    settled = f"item__decision__label_class__{of_class}"
    was_read_again = Review.objects.filter(
        item=OuterRef("item"),
        read_number__gte=2,
        closed_at__isnull=False,
        label__isnull=False,
    )
    return Case(
        When(item__decision__decided_by=DecidedBy.PERSON, then=F(settled)),
        When(
            Q(item__decision__decided_by=DecidedBy.MODEL) & Exists(was_read_again),
            then=F(settled),
        ),
        default=F(first),
    )


class Said(NamedTuple):
    """One row of ``FIELDS``: classes with their meanings, as predicted and as said."""

    predicted: str
    predicted_meaning: str
    first: str | None
    first_meaning: str | None
    settled: str | None
    settled_meaning: str | None
    confidence: float | None
    occurred_at: datetime
    is_open: bool


def _said(rows: Iterable[tuple[Any, ...]]) -> list[Said]:
    return [Said(*row) for row in rows]


def _near_open(said: Sequence[Said]) -> Bools:
    """Say which labels are neighbours of an open one, counted back from the newest."""
    block = np.arange(len(said))[::-1] // NEIGHBOURS
    return np.isin(block, block[_bools(one.is_open for one in said)])


def _stream(
    line: ProductLine, version: ModelVersion, said: Sequence[Said], *, is_early: Bools
) -> Stream:
    certificates = {
        key: certificate
        for key, certificate in line.in_force.last_granted.items()
        if certificate.fingerprint == version.fingerprint
    }
    passing, rejecting = Meaning.PASS.value, Meaning.REJECT.value
    counted = [
        (one.first, one.first_meaning) if early else (one.settled, one.settled_meaning)
        for one, early in zip(said, is_early.tolist(), strict=True)
    ]
    meanings = [
        (one.predicted_meaning, meaning)
        for one, (_key, meaning) in zip(said, counted, strict=True)
    ]
    return Stream(
        differs=_bools(
            one.predicted != key for one, (key, _) in zip(said, counted, strict=True)
        ),
        escapes=_bools(both == (passing, rejecting) for both in meanings),
        overkills=_bools(both == (rejecting, passing) for both in meanings),
        rejected=_bools(meaning == rejecting for _predicted, meaning in meanings),
        is_sure=_bools(
            _is_sure(certificates.get(one.predicted), one.confidence) for one in said
        ),
        is_early=is_early,
        confidence=np.array([one.confidence or 0.0 for one in said], dtype=np.float64),
        occurred_at=[one.occurred_at for one in said],
    )


def _is_sure(certificate: Certificate | None, confidence: float | None) -> bool:
    return certificate is not None and (confidence or 0.0) >= certificate.threshold


def _bools(values: Iterable[bool]) -> Bools:
    return np.array(list(values), dtype=bool)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Blind reads of items that others read too, the oldest first.

    ``differs`` where the reader's class is not the one settled by others, or by the
    other reader where nothing was settled. Who is right in an item that is still being
    read is not known yet: it counts for nobody until it is.

    ``is_sure`` says that the live version's answer was confident enough for the
    certificate of its class: such items are easier to read.
    """

    inspectors: tuple[str, ...]
    differs: Bools
    is_sure: Bools
    occurred_at: Times


def newest_double_reads(line: ProductLine, *, until: datetime, most: int) -> Readings:
    """Give the reads of items given to two, those last that got the second."""
    second = _second_reads(line, until=until).order_by("-closed_at", "-pk")
    return _readings(line, second.values_list("item_id", flat=True)[:most], until=until)


def first_double_reads(line: ProductLine, *, until: datetime, most: int) -> Readings:
    """Give the reads of the line's first items with two blind readers."""
    second = _second_reads(line, until=until).order_by("closed_at", "pk")
    return _readings(line, second.values_list("item_id", flat=True)[:most], until=until)


def _second_reads(line: ProductLine, *, until: datetime) -> QuerySet[Review]:
    return Review.objects.filter(
        given_to_two("item__routing"),
        line=line,
        read_number=2,
        closed_at__lte=until,
        label__isnull=False,
    )


def _readings(
    line: ProductLine, read_again: Iterable[int], *, until: datetime
) -> Readings:
    items = sorted(set(read_again))
    labels = (
        Label.objects.filter(
            item__in=items,
            superseded_by=None,
            shown=Shown.NOTHING.value,
            label_class__isnull=False,
            labelled_at__lte=until,
        )
        .exclude(Exists(_open_reads(OuterRef("item"))))
        .order_by("labelled_at", "pk")
        .values_list(
            "item_id", "inspector__pseudonym", "label_class_id", "item__occurred_at"
        )
    )
    by_item: dict[int, list[tuple[str, int | None]]] = {}
    rows = list(labels)
    for item, inspector, said, _at in rows:
        by_item.setdefault(item, []).append((inspector, said))
    settled = dict(
        Decision.objects.filter(
            item__in=items, superseded_by=None, decided_by=DecidedBy.PERSON
        ).values_list("item_id", "label_class_id")
    )
    sure = _sure_items(line, items)
    found = [
        (inspector, said != truth, item in sure, at)
        for item, inspector, said, at in rows
        if (truth := _truth(settled.get(item), by_item[item], inspector)) is not None
    ]
    return Readings(
        inspectors=tuple(inspector for inspector, _differs, _sure, _at in found),
        differs=_bools(differs for _inspector, differs, _sure, _at in found),
        is_sure=_bools(is_sure for _inspector, _differs, is_sure, _at in found),
        occurred_at=[at for _inspector, _differs, _sure, at in found],
    )


def _sure_items(line: ProductLine, items: Sequence[int]) -> set[int]:
    """Give the items of which the live version is sure; none without a certificate."""
    in_force = line.in_force
    certificates = in_force.last_granted
    if not certificates:
        return set()
    answered = Prediction.objects.filter(
        item__in=items, version=in_force.live, error=""
    )
    return {
        item
        for item, key, confidence in answered.values_list(
            "item_id", "label_class__key", "confidence"
        )
        if _is_sure(certificates.get(key), confidence)
    }


def _truth(
    settled: int | None, reads: Sequence[tuple[str, int | None]], inspector: str
) -> int | None:
    """Give the class to hold a reader to; ``None`` where nobody else read the item."""
    others = [said for who, said in reads if who != inspector]
    if not others:
        return None
    return settled if settled is not None else others[0]
