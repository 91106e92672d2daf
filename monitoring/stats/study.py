"""What a study of appraisers amounts to, by limits that are handed in.

The one judgement on this floor. A statistic knows no threshold, and `appraisal` knows
none; but this verdict is part of a published procedure, stands on no gate, moves no
level, and is no setting of a line. Here it is beside the figures it reads and can be
checked against the handbook's own example.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import isnan

from monitoring.stats.appraisal import Appraisal


class Verdict(StrEnum):
    """How well an appraiser meets one criterion."""

    ACCEPTABLE = "acceptable"
    MARGINAL = "marginal"
    UNACCEPTABLE = "unacceptable"
    UNDEFINED = "n/a"


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyLimits:
    """Where a criterion is acceptable and where it is still marginal.

    The defaults are those of the handbook: at least for effectiveness, at most for
    misses and false alarms. Kappa is good above its first limit and poor below its
    second.
    """

    effectiveness: tuple[float, float] = (0.90, 0.80)
    miss: tuple[float, float] = (0.02, 0.05)
    false_alarm: tuple[float, float] = (0.05, 0.10)
    kappa: tuple[float, float] = (0.75, 0.40)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyVerdict:
    """One verdict for each criterion; the worst of them is the appraiser's."""

    effectiveness: Verdict
    miss: Verdict
    false_alarm: Verdict
    kappa: Verdict


HANDBOOK = StudyLimits()


def judge_study(found: Appraisal, *, limits: StudyLimits = HANDBOOK) -> StudyVerdict:
    """Judge an appraiser by each criterion.

    Parameters
    ----------
    found : Appraisal
        What `appraisal.attribute_study` gave.
    limits : StudyLimits
        For each criterion the acceptable and the marginal limit, shares in [0, 1].

    Returns
    -------
    StudyVerdict
        A limit that is just met counts as met, but a kappa must be above its first. A
        figure that is NaN has the verdict "n/a": without a bad item nobody has shown
        to miss none.

    References
    ----------
    Automotive Industry Action Group (2010), "Measurement systems analysis", 4th
    edition, chapter III, section C.

    Examples
    --------
    >>> from monitoring.stats.appraisal import attribute_study
    >>> judge_study(attribute_study([[0, 1, 1, 1]], [0, 0, 1, 1])).miss.value
    'unacceptable'
    """
    good, poor = limits.kappa
    kappa = found.kappa.value
    return StudyVerdict(
        effectiveness=_at_least(found.effectiveness.value, limits.effectiveness),
        miss=_at_most(found.miss.value, limits.miss),
        false_alarm=_at_most(found.false_alarm.value, limits.false_alarm),
        kappa=Verdict.MARGINAL if kappa == good else _at_least(kappa, (good, poor)),
    )


def _at_least(value: float, limits: tuple[float, float]) -> Verdict:
    acceptable, marginal = limits
    if isnan(value):
        return Verdict.UNDEFINED
    if value >= acceptable:
        return Verdict.ACCEPTABLE
    return Verdict.MARGINAL if value >= marginal else Verdict.UNACCEPTABLE


def _at_most(value: float, limits: tuple[float, float]) -> Verdict:
    acceptable, marginal = limits
    return _at_least(-value, (-acceptable, -marginal))
