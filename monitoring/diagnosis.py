"""Diagnosis: from the pattern of what moved to what probably lies behind it.

Plain values in, plain values out. ``None`` in a finding means that nobody measured it,
which speaks neither for nor against; a cause leads only when its whole pattern of
measured findings is there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

# A defect that comes half as often again, or a third less often, has moved.
PREVALENCE_MOVED = 1.5


class Trouble(StrEnum):
    """What may lie behind a change."""

    LIGHTING = "lighting"
    NEW_DEFECT = "new_defect"
    LOOK_ALIKE = "look_alike"
    PEOPLE = "people"
    PREVALENCE = "prevalence"
    CANNOT_SAY = "cannot_say"


class Act(StrEnum):
    """What is best done about it first."""

    LOOK_AT_BRIGHTNESS = "look_at_brightness"
    SHOW_AUDITED_AND_LOWER = "show_audited_and_lower"
    WARN_ONLY = "warn_only"
    COMPARE_INSPECTORS = "compare_inspectors"
    CERTIFY_ANEW = "certify_anew"
    LOOK_AT_ITEMS = "look_at_items"


class Point(StrEnum):
    """One thing that speaks for a cause or against it."""

    INPUTS_MOVED = "inputs_moved"
    INPUTS_STAYED = "inputs_stayed"
    CLASSIFIER_SEES_IT = "classifier_sees_it"
    CLASSIFIER_SEES_NOTHING = "classifier_sees_nothing"
    FEW_LOOK_NEW = "few_look_new"
    INPUTS_FIRST = "inputs_first"
    LABELS_FIRST = "labels_first"
    ANSWERS_MOVED = "answers_moved"
    ANSWERS_STAYED = "answers_stayed"
    ESCAPES_ROSE = "escapes_rose"
    ESCAPES_STAYED = "escapes_stayed"
    OVERKILL_ROSE = "overkill_rose"
    OVERKILL_STAYED = "overkill_stayed"
    BOTH_ROSE = "both_rose"
    INSPECTORS_DIFFER = "inspectors_differ"
    PREVALENCE_ROSE = "prevalence_rose"
    PREVALENCE_FELL = "prevalence_fell"
    PREVALENCE_STAYED = "prevalence_stayed"
    MISSES_ROSE = "misses_rose"
    MISSES_STAYED = "misses_stayed"
    FEWER_CONFIRMED = "fewer_confirmed"
    REJECTS_MORE = "rejects_more"


Points = frozenset[Point]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What moved, as far as it was measured.

    ``classifier`` is the test that tries to tell new items from old ones, of which
    ``few_look_new`` where it can tell some and not most; ``first`` names the finding
    that came first: ``"inputs"`` or ``"labels"``. ``inspectors`` are the pseudonyms of
    those who differ from the others,
    ``prevalence_ratio`` is the share of defects now over the one before, ``misses``
    says whether the model passes a larger share of the defects than before, and
    ``fewer_confirmed`` whether people reject less of what it rejects; it is false where
    it rejects more of what they read.
    """

    input_drift: bool | None = None
    classifier: bool | None = None
    few_look_new: bool | None = None
    predictions: bool | None = None
    disagreement: bool | None = None
    escapes: bool | None = None
    overkill: bool | None = None
    inspectors: tuple[str, ...] = ()
    prevalence_ratio: float | None = None
    misses: bool | None = None
    fewer_confirmed: bool | None = None
    first: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """One possible cause, with what speaks for it and against it."""

    trouble: Trouble
    fits: bool
    speaks_for: tuple[Point, ...]
    speaks_against: tuple[Point, ...]
    act: Act

    @property
    def weight(self) -> int:
        """How much more speaks for it than against it."""
        return len(self.speaks_for) - len(self.speaks_against)


ACTS = {
    Trouble.LIGHTING: Act.LOOK_AT_BRIGHTNESS,
    Trouble.NEW_DEFECT: Act.SHOW_AUDITED_AND_LOWER,
    Trouble.LOOK_ALIKE: Act.WARN_ONLY,
    Trouble.PEOPLE: Act.COMPARE_INSPECTORS,
    Trouble.PREVALENCE: Act.CERTIFY_ANEW,
    Trouble.CANNOT_SAY: Act.LOOK_AT_ITEMS,
}
SPEAKS_FOR = {
    Trouble.LIGHTING: {
        Point.INPUTS_MOVED,
        Point.CLASSIFIER_SEES_IT,
        Point.INPUTS_FIRST,
        Point.ESCAPES_ROSE,
        Point.MISSES_ROSE,
    },
    Trouble.NEW_DEFECT: {
        Point.ESCAPES_ROSE,
        Point.MISSES_ROSE,
        Point.INPUTS_STAYED,
        Point.CLASSIFIER_SEES_NOTHING,
        Point.ANSWERS_STAYED,
        Point.OVERKILL_STAYED,
    },
    Trouble.LOOK_ALIKE: {
        Point.OVERKILL_ROSE,
        Point.ANSWERS_MOVED,
        Point.PREVALENCE_ROSE,
        Point.REJECTS_MORE,
        Point.ESCAPES_STAYED,
        Point.FEW_LOOK_NEW,
    },
    Trouble.PEOPLE: {
        Point.OVERKILL_ROSE,
        Point.ANSWERS_STAYED,
        Point.INPUTS_STAYED,
        Point.CLASSIFIER_SEES_NOTHING,
        Point.ESCAPES_STAYED,
        Point.INSPECTORS_DIFFER,
        Point.FEWER_CONFIRMED,
    },
    Trouble.PREVALENCE: {
        Point.ANSWERS_MOVED,
        Point.INPUTS_MOVED,
        Point.BOTH_ROSE,
        Point.PREVALENCE_ROSE,
        Point.PREVALENCE_FELL,
        Point.MISSES_STAYED,
    },
}
SPEAKS_AGAINST = {
    Trouble.LIGHTING: {
        Point.INPUTS_STAYED,
        Point.CLASSIFIER_SEES_NOTHING,
        Point.LABELS_FIRST,
        Point.ANSWERS_MOVED,
    },
    Trouble.NEW_DEFECT: {
        Point.INPUTS_MOVED,
        Point.CLASSIFIER_SEES_IT,
        Point.ESCAPES_STAYED,
        Point.BOTH_ROSE,
        Point.ANSWERS_MOVED,
        Point.PREVALENCE_ROSE,
        Point.MISSES_STAYED,
    },
    Trouble.LOOK_ALIKE: {
        Point.ESCAPES_ROSE,
        Point.OVERKILL_STAYED,
        Point.ANSWERS_STAYED,
        Point.PREVALENCE_FELL,
        Point.INPUTS_FIRST,
        Point.FEWER_CONFIRMED,
    },
    Trouble.PEOPLE: {
        Point.INPUTS_MOVED,
        Point.CLASSIFIER_SEES_IT,
        Point.ESCAPES_ROSE,
        Point.ANSWERS_MOVED,
        Point.PREVALENCE_ROSE,
        Point.PREVALENCE_FELL,
        Point.REJECTS_MORE,
    },
    Trouble.PREVALENCE: {
        Point.ANSWERS_STAYED,
        Point.ESCAPES_STAYED,
        Point.PREVALENCE_STAYED,
        Point.MISSES_ROSE,
    },
}


def diagnose(found: Findings) -> tuple[Suspect, ...]:
    """Rank what may lie behind a pattern of findings, the likeliest first.

    1. Inputs moved, and labels not before them: lighting or camera.
    2. Escapes rose while the inputs stayed: a new or hidden defect; where more of the
       known ones come, only with a larger share of misses.
    3. Overkill rose, not after the inputs, and the model rejects more: a look-alike, or
       dirt, unless all that comes looks new.
    4. Overkill rose alone, or inspectors differ: people; no reason to lower the model.
    5. Answers and inputs moved, with escapes and overkill both; or answers and the
       share of defects, without overkill and without a larger share of misses:
       prevalence.

    Suspects that fit come first, by how much more speaks for them than against them.
    Where none fits, or the two first weigh the same, the answer begins with
    "cannot say".
    """
    points = frozenset(_points(found))
    suspects = [
        Suspect(
            trouble=trouble,
            fits=FITS[trouble](points),
            speaks_for=tuple(sorted(points & SPEAKS_FOR[trouble])),
            speaks_against=tuple(sorted(points & SPEAKS_AGAINST[trouble])),
            act=ACTS[trouble],
        )
        for trouble in SPEAKS_FOR
    ]
    ranked = sorted(
        (suspect for suspect in suspects if suspect.fits or suspect.weight > 0),
        key=lambda suspect: (suspect.fits, suspect.weight),
        reverse=True,
    )
    if _leads(ranked):
        return tuple(ranked)
    unsure = Suspect(
        trouble=Trouble.CANNOT_SAY,
        fits=False,
        speaks_for=(),
        speaks_against=(),
        act=ACTS[Trouble.CANNOT_SAY],
    )
    return (unsure, *ranked)


def diagnose_kept(kept: Mapping[str, Any]) -> tuple[Suspect, ...]:
    """Diagnose from findings as an alarm keeps them; nothing where it keeps none."""
    if not kept:
        return ()
    return diagnose(Findings(**{**kept, "inspectors": tuple(kept["inspectors"])}))


def _leads(ranked: list[Suspect]) -> bool:
    if not ranked or not ranked[0].fits or ranked[0].weight <= 0:
        return False
    follows = [suspect for suspect in ranked[1:] if suspect.fits]
    return not follows or ranked[0].weight > follows[0].weight


def _is_lighting(points: Points) -> bool:
    sees_it = {Point.INPUTS_MOVED, Point.CLASSIFIER_SEES_IT} & points
    return bool(sees_it) and Point.LABELS_FIRST not in points


def _is_new_defect(points: Points) -> bool:
    return (
        {Point.ESCAPES_ROSE, Point.INPUTS_STAYED} <= points
        and not {Point.CLASSIFIER_SEES_IT, Point.MISSES_STAYED} & points
        and not _comes_more(points)
    )


def _is_look_alike(points: Points) -> bool:
    is_all_new = (
        Point.CLASSIFIER_SEES_IT in points
        and Point.FEW_LOOK_NEW not in points
        and _is_lighting(points)
    )
    return (
        Point.OVERKILL_ROSE in points
        and _rejects_more(points)
        and not {Point.FEWER_CONFIRMED, Point.INPUTS_FIRST} & points
        and not is_all_new
    )


def _is_people(points: Points) -> bool:
    alone = {Point.OVERKILL_ROSE, Point.ANSWERS_STAYED, Point.INPUTS_STAYED}
    return Point.INSPECTORS_DIFFER in points or (
        alone <= points
        and not {Point.ESCAPES_ROSE, Point.CLASSIFIER_SEES_IT} & points
        and not _rejects_more(points)
    )


def _is_prevalence(points: Points) -> bool:
    all_of_it = {Point.ANSWERS_MOVED, Point.INPUTS_MOVED, Point.BOTH_ROSE}
    return all_of_it <= points or _comes_more(points)


FITS: dict[Trouble, Callable[[Points], bool]] = {
    Trouble.LIGHTING: _is_lighting,
    Trouble.NEW_DEFECT: _is_new_defect,
    Trouble.LOOK_ALIKE: _is_look_alike,
    Trouble.PEOPLE: _is_people,
    Trouble.PREVALENCE: _is_prevalence,
}


def _rejects_more(points: Points) -> bool:
    """Say whether the model rejects more than before, as far as its answers tell."""
    if {Point.REJECTS_MORE, Point.PREVALENCE_ROSE} & points:
        return True
    return Point.ANSWERS_MOVED in points and Point.PREVALENCE_FELL not in points


def _comes_more(points: Points) -> bool:
    """Say whether the known defects come more or less often, which explains the rest.

    What the model does not know moves neither its answers nor the share of defects that
    it sees; fewer of the known ones bring no more escapes; and what moved the inputs
    before the labels is more than that.
    """
    share_moved = {Point.PREVALENCE_ROSE, Point.PREVALENCE_FELL} & points
    if not share_moved or not {Point.ANSWERS_MOVED, Point.OVERKILL_STAYED} <= points:
        return False
    if {Point.MISSES_ROSE, Point.INPUTS_FIRST} & points:
        return False
    if Point.ESCAPES_ROSE in points:
        return Point.PREVALENCE_ROSE in points
    return Point.ESCAPES_STAYED in points


def _points(found: Findings) -> list[Point]:
    said = [
        _either(found.input_drift, Point.INPUTS_MOVED, Point.INPUTS_STAYED),
        _either(
            found.classifier, Point.CLASSIFIER_SEES_IT, Point.CLASSIFIER_SEES_NOTHING
        ),
        _either(found.predictions, Point.ANSWERS_MOVED, Point.ANSWERS_STAYED),
        _either(found.escapes, Point.ESCAPES_ROSE, Point.ESCAPES_STAYED),
        _either(found.overkill, Point.OVERKILL_ROSE, Point.OVERKILL_STAYED),
        Point.BOTH_ROSE if found.escapes and found.overkill else None,
        _either(found.misses, Point.MISSES_ROSE, Point.MISSES_STAYED),
        _either(found.fewer_confirmed, Point.FEWER_CONFIRMED, Point.REJECTS_MORE),
        Point.INSPECTORS_DIFFER if found.inspectors else None,
        Point.FEW_LOOK_NEW if found.few_look_new else None,
        {"inputs": Point.INPUTS_FIRST, "labels": Point.LABELS_FIRST}.get(
            found.first or ""
        ),
    ]
    said.append(_prevalence(found.prevalence_ratio))
    return [point for point in said if point is not None]


def _prevalence(ratio: float | None) -> Point | None:
    if ratio is None:
        return None
    if ratio >= PREVALENCE_MOVED:
        return Point.PREVALENCE_ROSE
    if ratio * PREVALENCE_MOVED <= 1:
        return Point.PREVALENCE_FELL
    return Point.PREVALENCE_STAYED


def _either(value: bool | None, yes: Point, no: Point) -> Point | None:  # noqa: FBT001 - the finding itself is what is asked
    if value is None:
        return None
    return yes if value else no
