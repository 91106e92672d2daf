"""Early looks: what came since an alarm's change, before a window tells of it.

An alarm rings when the first detector is sure, and somebody wants to know at once what
lies behind it. The window that says whether the inputs moved ends later, often a day
later. A look holds what came since against the same references, for the diagnosis
alone: nothing rings by it, and no level falls.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitoring.models import (
    Alarm,
    DriftState,
    DriftWindow,
    ReferencePart,
    ReferenceWindow,
)
from monitoring.services.arriving import titles_of
from monitoring.services.references import went_live_at
from monitoring.services.unlabelled import Tested, tests_of
from monitoring.services.window_comparing import Span, compare_window
from monitoring.services.windowsizes import size_of
from monitoring.windows.samples import LARGEST_SAMPLE
from reviewapp.models import Item, ModelVersion, ProductLine

KEPT = ("items", "compared", "state", "columns", "whole", "predictions")
# A look that shows nothing is repeated when there is twice as much to see.
GROWTH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedColumn:
    """A column that is no longer what the version knows, with its figures."""

    title: str
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What came since an alarm began: which columns moved, and what all of them say.

    The column that moved farthest comes first. It ``is_early`` while no window tells.
    """

    window: DriftWindow
    is_early: bool
    moved: Sequence[MovedColumn]
    tests: Sequence[Tested]


def look_early(line: ProductLine, version: ModelVersion, *, at: datetime) -> int:
    """Look at what came since each open alarm began; return how many looks that took.

    The first look is at as many items as a verdict takes, and each one more at twice as
    many, until a window that began with the change or after it was compared. Items of
    the version's reference are none of them.
    """
    rung = line.alarms.open().exclude(findings={}).exclude(began_at=None)
    return sum(_look(alarm, line, version, at=at) for alarm in rung)


def early_look_of(alarm: Alarm) -> DriftWindow | None:
    """Give what was seen early, as a window that was never kept as one."""
    kept = alarm.early_look
    if not kept:
        return None
    return DriftWindow(
        line=alarm.line,
        version_id=kept["version"],
        start=datetime.fromisoformat(kept["start"]),
        end=datetime.fromisoformat(kept["end"]),
        **{name: kept[name] for name in KEPT},
    )


def moved_early(line: ProductLine) -> list[Alarm]:
    """Give the open alarms since whose beginning something has moved, the newest first.

    No window tells of it yet.
    """
    rung = line.alarms.open().filter(early_look__state=DriftState.MOVED)
    return list(rung.order_by("-raised_at"))


def seen_since(alarm: Alarm) -> Seen | None:
    """Give to read what came since an alarm began; ``None`` where nobody looked.

    That is the window that rang it, where one did, and else the early look.
    """
    rang = DriftWindow.objects.filter(pk=alarm.figures.get("window")).first()
    window = rang or early_look_of(alarm)
    if window is None:
        return None
    titles = titles_of(alarm.line, window.moved)
    moved = [
        MovedColumn(title=title, figures=window.columns[name])
        for title, name in zip(titles, window.moved, strict=True)
    ]
    return Seen(
        window=window,
        is_early=rang is None,
        moved=sorted(
            moved, key=lambda one: one.figures.get("shift") or 0, reverse=True
        ),
        tests=tests_of(alarm.line, window),
    )


def _look(
    alarm: Alarm, line: ProductLine, version: ModelVersion, *, at: datetime
) -> bool:
    began = alarm.began_at
    if began is None or _is_told(line, version, began):
        return False
    fewest = size_of(line).judged_from
    seen = early_look_of(alarm)
    if seen is not None and seen.version_id == version.pk:
        fewest = max(fewest, GROWTH * seen.items)
        if seen.items >= LARGEST_SAMPLE:
            return False
    references = ReferenceWindow.objects.of_version(line, version)
    inputs = references.filter(part=ReferencePart.INPUTS).first()
    begins = inputs.begin_after(began) if inputs else began
    since = Item.objects.of_line(line).filter(
        occurred_at__gte=begins, occurred_at__lt=at
    )
    items = since.count()
    if items < fewest:
        return False
    span = Span(start=began, end=at, items=items)
    alarm.early_look = _kept(compare_window(line, version, span, as_a_whole=True))
    alarm.save(update_fields=["early_look"])
    return True


def _is_told(line: ProductLine, version: ModelVersion, began: datetime) -> bool:
    """Say whether windows tell of a change, or it began under another version."""
    if went_live_at(line, version) > began:
        return True
    windows = DriftWindow.objects.of_version(line, version).judged()
    return windows.filter(start__gte=began).exists()


def _kept(window: DriftWindow) -> dict[str, Any]:
    figures = {name: getattr(window, name) for name in KEPT}
    return {
        **figures,
        "state": str(window.state),
        "version": window.version_id,
        "start": window.start.isoformat(),
        "end": window.end.isoformat(),
    }
