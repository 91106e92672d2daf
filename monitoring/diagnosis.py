"""Diagnosis: from the pattern of what moved to what probably lies behind it.

Plain values in, plain values out. ``None`` in a finding means that nobody measured it,
which speaks neither for nor against; a cause leads only when its whole pattern of
measured findings is there.
"""

from dataclasses import dataclass
from enum import StrEnum

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
    PREVALENCE_MOVED = "prevalence_moved"
    PREVALENCE_STAYED = "prevalence_stayed"
    MISSES_ROSE = "misses_rose"
    MISSES_STAYED = "misses_stayed"
    FEWER_CONFIRMED = "fewer_confirmed"
    AS_MANY_CONFIRMED = "as_many_confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What moved, as far as it was measured.

    ``classifier`` is the test that tries to tell new items from old ones, and
    ``first`` names the finding that came first: ``"inputs"`` or ``"labels"``.
    ``inspectors`` are the pseudonyms of those who differ from the others,
    ``prevalence_ratio`` is the share of defects now over the one before, ``misses``
    says whether the model passes a larger share of the defects than before, and
    ``fewer_confirmed`` whether people reject less of what it rejects.
    """

    input_drift: bool | None = None
    classifier: bool | None = None
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
        Point.PREVALENCE_MOVED,
        Point.AS_MANY_CONFIRMED,
        Point.ESCAPES_STAYED,
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
        Point.PREVALENCE_MOVED,
        Point.MISSES_STAYED,
    },
}
SPEAKS_AGAINST = {
    Trouble.LIGHTING: {
        Point.INPUTS_STAYED,
        Point.CLASSIFIER_SEES_NOTHING,
        Point.LABELS_FIRST,
        Point.ANSWERS_MOVED,
        Point.PREVALENCE_MOVED,
    },
    Trouble.NEW_DEFECT: {
        Point.INPUTS_MOVED,
        Point.CLASSIFIER_SEES_IT,
        Point.ESCAPES_STAYED,
        Point.BOTH_ROSE,
        Point.ANSWERS_MOVED,
        Point.PREVALENCE_MOVED,
        Point.MISSES_STAYED,
    },
    Trouble.LOOK_ALIKE: {
        Point.ESCAPES_ROSE,
        Point.OVERKILL_STAYED,
        Point.ANSWERS_STAYED,
        Point.INPUTS_FIRST,
        Point.FEWER_CONFIRMED,
    },
    Trouble.PEOPLE: {
        Point.INPUTS_MOVED,
        Point.CLASSIFIER_SEES_IT,
        Point.ANSWERS_MOVED,
        Point.PREVALENCE_MOVED,
        Point.AS_MANY_CONFIRMED,
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

    1. Inputs moved, and labels after them: lighting or camera.
    2. Escapes rose while the inputs stayed: a new or hidden defect; where answers and
       the share of defects rose, too, only with a larger share of misses.
    3. Overkill rose, not after the inputs, with the share of rejects, or while people
       confirm as many of them as before: a look-alike, or dirt.
    4. Overkill rose alone, or inspectors differ: people; no reason to lower the model.
    5. Answers and inputs moved, with escapes and overkill both, or answers and the
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
            fits=_fits(trouble, found, points),
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


def _leads(ranked: list[Suspect]) -> bool:
    if not ranked or not ranked[0].fits or ranked[0].weight <= 0:
        return False
    follows = [suspect for suspect in ranked[1:] if suspect.fits]
    return not follows or ranked[0].weight > follows[0].weight


def _fits(trouble: Trouble, found: Findings, points: frozenset[Point]) -> bool:
    """Say whether the whole pattern of a cause was found."""
    sees_inputs = found.input_drift or found.classifier
    all_moved = {Point.ANSWERS_MOVED, Point.INPUTS_MOVED, Point.BOTH_ROSE}
    more_rejects = {
        Point.ANSWERS_MOVED,
        Point.PREVALENCE_MOVED,
        Point.AS_MANY_CONFIRMED,
    }
    rejects_more = bool(more_rejects & points)
    comes_more = _comes_more(found, points)
    patterns = {
        Trouble.LIGHTING: bool(sees_inputs) and Point.LABELS_FIRST not in points,
        Trouble.NEW_DEFECT: {Point.ESCAPES_ROSE, Point.INPUTS_STAYED} <= points
        and not found.classifier
        and Point.MISSES_STAYED not in points
        and not comes_more,
        Trouble.LOOK_ALIKE: Point.OVERKILL_ROSE in points
        and rejects_more
        and not {Point.FEWER_CONFIRMED, Point.INPUTS_FIRST} & points,
        Trouble.PEOPLE: Point.INSPECTORS_DIFFER in points
        or (
            {Point.OVERKILL_ROSE, Point.ANSWERS_STAYED, Point.INPUTS_STAYED} <= points
            and not rejects_more
        ),
        Trouble.PREVALENCE: all_moved <= points or comes_more,
    }
    return patterns[trouble]


def _comes_more(found: Findings, points: frozenset[Point]) -> bool:
    """Say whether the known defects come more or less often, which explains the rest.

    What the model does not know moves neither its answers nor the share of defects that
    it sees; fewer of the known ones bring no more escapes; and what moved the inputs
    before the labels is more than that.
    """
    if not {Point.ANSWERS_MOVED, Point.PREVALENCE_MOVED} <= points:
        return False
    if {Point.OVERKILL_ROSE, Point.MISSES_ROSE, Point.INPUTS_FIRST} & points:
        return False
    return Point.ESCAPES_ROSE not in points or (found.prevalence_ratio or 0) > 1


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
        _either(found.fewer_confirmed, Point.FEWER_CONFIRMED, Point.AS_MANY_CONFIRMED),
        Point.INSPECTORS_DIFFER if found.inspectors else None,
        {"inputs": Point.INPUTS_FIRST, "labels": Point.LABELS_FIRST}.get(
            found.first or ""
        ),
    ]
    ratio = found.prevalence_ratio
    if ratio is not None:
        moved = ratio >= PREVALENCE_MOVED or ratio * PREVALENCE_MOVED <= 1
        said.append(_either(moved, Point.PREVALENCE_MOVED, Point.PREVALENCE_STAYED))
    return [point for point in said if point is not None]


def _either(value: bool | None, yes: Point, no: Point) -> Point | None:  # noqa: FBT001 - the finding itself is what is asked
    if value is None:
        return None
    return yes if value else no
