"""Witnesses: the items that show an alarm, and what in them does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitoring.catalogue import CATALOGUE, Unit
from monitoring.models import (
    Alarm,
    AlarmCause,
    DriftWindow,
    ReferencePart,
    ReferenceWindow,
)
from monitoring.services.arriving import titles_of
from monitoring.services.comparisons import SMALLEST_SHIFT, SMALLEST_VARIATION
from monitoring.services.farthest import CONFIDENCE, Far, farthest_items
from monitoring.windows.witnesses import MOST_SHOWN, items_answered, items_that_show
from reviewapp.models import Item, LabelClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The column in which a window moved farthest, as the words of far items ask."""

    title: str
    unit: Unit
    is_categorical: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """An item that shows an alarm; of a drift, with how far out it lies."""

    item: Item
    far: Far | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnesses:
    """The items that show an alarm; none ``can_be_told`` where no single item does.

    Of a drift, with the ``column`` they lie farthest out in, or the ``answer`` that
    has become more common.
    """

    each: Sequence[Witness]
    can_be_told: bool
    column: Moved | None = None
    answer: LabelClass | None = None


NONE = Witnesses(each=(), can_be_told=False)


def witnesses_of(alarm: Alarm) -> Witnesses:
    """Give the items that show an alarm, a dozen at most."""
    window = _window_of(alarm)
    if alarm.cause == AlarmCause.INPUT_DRIFT:
        return _farthest(alarm, window) if window else NONE
    if alarm.cause == AlarmCause.PREDICTION_DRIFT:
        return _answered(alarm, window) if window else NONE
    found = items_that_show(alarm)
    if found is None:
        return NONE
    return Witnesses(each=[Witness(item=item) for item in found], can_be_told=True)


def _window_of(alarm: Alarm) -> DriftWindow | None:
    """Give the window that rang a drift."""
    window = (
        DriftWindow.objects.filter(pk=alarm.figures.get("window"), line=alarm.line)
        .select_related("version")
        .first()
    )
    if window is not None:
        window.line = window.version.line = alarm.line
    return window


def _farthest(alarm: Alarm, window: DriftWindow) -> Witnesses:
    """Give the items that lie farthest out in the column that moved farthest.

    One column, since each reads the window's items anew.
    """
    kept: Mapping[str, Mapping[str, float | None]] = alarm.figures.get("columns", {})
    # how sure the model was of an item that still waits is not for whoever may read it
    moved = {name: one for name, one in kept.items() if name != CONFIDENCE}
    if not moved:
        return NONE
    name = max(moved, key=lambda one: _moved_by(moved[one]))
    far = farthest_items(window, name, most=MOST_SHOWN)
    items = Item.objects.of_line(alarm.line).with_story()
    by_id = items.in_bulk([one.item_id for one in far])
    metric = CATALOGUE.get(name)
    return Witnesses(
        each=[Witness(item=by_id[one.item_id], far=one) for one in far],
        can_be_told=True,
        column=Moved(
            title=titles_of(alarm.line, [name])[0],
            unit=metric.unit if metric else Unit.PLAIN,
            is_categorical=window.columns.get(name, {}).get("kind") == "category",
        ),
    )


def _moved_by(column: Mapping[str, float | None]) -> float:
    """Say how many times over a column moved farther than what counts as a move."""
    shift, variation = column.get("shift") or 0.0, column.get("tv") or 0.0
    return max(shift / SMALLEST_SHIFT, variation / SMALLEST_VARIATION)


def _answered(alarm: Alarm, window: DriftWindow) -> Witnesses:
    """Give items with the answer whose share has risen most above the reference's."""
    of_version = ReferenceWindow.objects.of_version(window.line, window.version)
    reference = of_version.filter(part=ReferencePart.PREDICTIONS).first()
    now: Mapping[str, int] = window.predictions.get("counts", {})
    if reference is None or not now:
        return NONE
    before: Mapping[str, int] = reference.classes
    risen = max(now, key=lambda key: _share_of(key, now) - _share_of(key, before))
    found = items_answered(window.version, risen, (window.start, window.end))
    return Witnesses(
        each=[Witness(item=item) for item in found],
        can_be_told=True,
        answer=alarm.line.classes.filter(key=risen).first(),
    )


def _share_of(key: str, counts: Mapping[str, int]) -> float:
    return counts.get(key, 0) / (sum(counts.values()) or 1)
