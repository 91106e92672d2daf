"""What a study found: how each person reads, and how alike all of them read."""

from collections import defaultdict
from dataclasses import dataclass
from math import isnan

import numpy as np
import numpy.typing as npt

from monitoring.models import Study, StudyRead
from monitoring.services.figures import Share, share
from monitoring.services.set_agreement import SetAgreement, set_agreement
from monitoring.stats.appraisal import Appraisal, attribute_study, unanimity
from monitoring.stats.figures import Figure
from monitoring.stats.study import StudyVerdict, judge_study
from reviewapp.models import Meaning, User
from reviewapp.services.several import names_on

# Below so many parts a handbook asks not to judge anybody.
FEWEST_TO_JUDGE = 20

Answers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectorResult:
    """One person's reading: shares with 95 % intervals, kappa and a verdict of each.

    ``miss`` and ``false_alarm`` are ``None`` where the person met no part of that
    kind, ``within`` where nothing was read twice.
    """

    inspector: User
    parts: int
    effectiveness: Share | None
    within: Share | None
    miss: Share | None
    false_alarm: Share | None
    appraisal: Appraisal
    verdict: StudyVerdict

    @property
    def is_few(self) -> bool:
        """Say whether the parts are too few to judge a person by."""
        return self.parts < FEWEST_TO_JUDGE


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyResult:
    """All people's reading, and the parts on which every answer was the same.

    ``sets`` are all classes of each person's first trial, where a line allows several.
    """

    inspectors: list[InspectorResult]
    between: Share | None
    sets: SetAgreement | None


def result_of(study: Study, *, only: User | None = None) -> StudyResult:
    """Compute a study from its answers; ``only`` one person's part of it.

    A part counts for a person who has read it in every trial, and between people if
    all of them have.
    """
    read = study.reads.select_related("inspector", "part", "label_class").order_by(
        "inspector__username", "part", "trial"
    )
    truth = dict(study.parts.values_list("pk", "is_good"))
    by_person: dict[User, dict[int, list[int]]] = {}
    for answer in read.filter(answered_at__isnull=False):
        parts = by_person.setdefault(answer.inspector, {})
        parts.setdefault(answer.part_id, []).append(_says_good(answer))
    whole = {
        person: {
            part: answers
            for part, answers in parts.items()
            if len(answers) == study.trials
        }
        for person, parts in by_person.items()
    }
    return StudyResult(
        inspectors=[
            _judged(person, parts, truth)
            for person, parts in whole.items()
            if parts and (only is None or person == only)
        ],
        between=None if only else _between(list(whole.values())),
        sets=None if only else _sets(study),
    )


def _sets(study: Study) -> SetAgreement | None:
    if not study.line.allows_several:
        return None
    first = study.reads.filter(trial=1, answered_at__isnull=False)
    said: dict[int, dict[int, frozenset[str]]] = defaultdict(dict)
    for part, person, key, also in first.values_list(
        "part_id", "inspector_id", "label_class__key", "also"
    ):
        said[part][person] = frozenset([key, *also])
    return set_agreement(list(said.values()), names_on(study.line))


def _says_good(answer: StudyRead) -> int:
    return int(
        answer.label_class is not None and answer.label_class.meaning == Meaning.PASS
    )


def _judged(
    person: User, parts: dict[int, list[int]], truth: dict[int, bool]
) -> InspectorResult:
    found = attribute_study(
        np.array(list(parts.values())).T, [int(truth[part]) for part in parts]
    )
    return InspectorResult(
        inspector=person,
        parts=len(parts),
        effectiveness=_with_interval(found.effectiveness),
        within=_with_interval(found.within),
        miss=_with_interval(found.miss),
        false_alarm=_with_interval(found.false_alarm),
        appraisal=found,
        verdict=judge_study(found),
    )


def _between(people: list[dict[int, list[int]]]) -> Share | None:
    """Give the parts on which nobody ever differed, of those all have read."""
    if len(people) < 2:  # noqa: PLR2004 - one person differs from nobody
        return None
    common = set.intersection(*(set(parts) for parts in people))
    if not common:
        return None
    answers = np.array(
        [np.array([parts[part] for part in sorted(common)]).T for parts in people]
    )
    return _with_interval(unanimity(answers.reshape(-1, len(common))))


def _with_interval(figure: Figure) -> Share | None:
    if isnan(figure.value):
        return None
    return share(round(figure.value * figure.n), figure.n)
