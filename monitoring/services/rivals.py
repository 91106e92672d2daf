"""The candidate beside the live version, on the same items: who is right, and where."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from monitoring.models import Alarm
from monitoring.services.figures import Share, share
from monitoring.stats.calibration import expected_calibration_error
from monitoring.stats.reliability import ReliabilityBin, reliability
from monitoring.stats.sampling import mover_wilson
from monitoring.stats.sequential import labels_needed, weighted_paired_evidence
from monitoring.windows.pairs import pairs_between
from monitoring.windows.rivals import (
    Answering,
    RivalCount,
    answering,
    differing,
    live_answers,
    rival_counts,
)
from reviewapp.gates import GateCode, needed_evidence
from reviewapp.inheritance import RivalEvidence, inheritance_gates
from reviewapp.models import (
    Item,
    LabelClass,
    ModelVersion,
    Policy,
    Prediction,
    ProductLine,
)
from reviewapp.services import candidates


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """One of both versions: how often it was right, how sure and how fast it is."""

    version: ModelVersion
    right: Share | None
    answering: Answering
    calibration_error: float | None
    pairs: int
    bins: list[ReliabilityBin]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRivalry:
    """Both versions on the items that people called one class."""

    label_class: LabelClass
    live_right: Share | None
    candidate_right: Share | None
    live_only: int
    candidate_only: int
    better: float
    worse: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rivalry:
    """All that the comparison of both versions shows."""

    live: Rival
    candidate: Rival
    evidence: RivalEvidence
    both_right: int
    neither_right: int
    by_class: list[ClassRivalry]


def gather_rivals(line: ProductLine, *, as_of: datetime | None = None) -> RivalEvidence:
    """Measure what the candidate would inherit on; nothing without a candidate."""
    at = as_of or timezone.now()
    in_force = line.in_force
    if in_force.candidate is None:
        return RivalEvidence()
    return _evidence(line, _weighed(rival_counts(in_force)), at=at)


def watch_candidate(line: ProductLine, *, at: datetime) -> bool:
    """Take the candidate's share back when it is shown to be worse in a class.

    The alarms of a line read the live version; what the candidate decides is held
    against the live version's answers on the same items.
    """
    in_force = line.in_force
    if not in_force.candidate_share:
        return False
    evidence = gather_rivals(line, as_of=at)
    [worse] = [
        gate
        for gate in inheritance_gates(in_force.terms(), evidence)
        if gate.code is GateCode.NO_CLASS_WORSE
    ]
    if worse.is_open or evidence.worst_class_evidence is None:
        return False
    candidates.take_share_back(
        line,
        by=None,
        reason="The candidate is right less often in a class than the live version.",
        as_of=at,
    )
    return True


def compare_rivals(
    line: ProductLine, *, as_of: datetime | None = None
) -> Rivalry | None:
    """Compare the candidate with the live version; ``None`` without a candidate."""
    at = as_of or timezone.now()
    in_force = line.in_force
    live, candidate = in_force.live, in_force.candidate
    if live is None or candidate is None:
        return None
    counts = _weighed(rival_counts(in_force))
    by_class = [
        _class_rivalry(one, [c for c in counts if c.count.people == one.key])
        for one in line.classes.in_use()
    ]
    return Rivalry(
        live=_rival(line, live, _right(counts, _live_is_right), at=at),
        candidate=_rival(line, candidate, _right(counts, _candidate_is_right), at=at),
        evidence=_evidence(line, counts, at=at),
        both_right=_sum(counts, live=True, candidate=True),
        neither_right=_sum(counts, live=False, candidate=False),
        by_class=by_class,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One item on which both versions differ: what each said, and what it became."""

    item: Item
    live: Prediction | None
    candidate: Prediction


def differences(
    line: ProductLine, *, of: LabelClass | None, before: int | None, limit: int
) -> list[Difference]:
    """List items on which both differ, the newest first.

    With ``of``, those that somebody called this class: either version, or people.
    """
    in_force = line.in_force
    found = differing(in_force, of=of, before=before)[:limit]
    said = live_answers(in_force, [one.item for one in found])
    return [
        Difference(item=one.item, live=said.get(one.item_id), candidate=one)
        for one in found
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weighed:
    """A count, and how far it is weighed down for the chance that drew its items."""

    count: RivalCount
    weight: float


def _weighed(counts: Sequence[RivalCount]) -> list[_Weighed]:
    policies = Policy.objects.select_related("live", "candidate").in_bulk(
        {count.policy_id for count in counts}
    )
    least = {
        number: policy.terms().least_inclusion() for number, policy in policies.items()
    }
    return [
        _Weighed(count=one, weight=min(least[one.policy_id] / one.inclusion, 1.0))
        for one in counts
    ]


def _evidence(
    line: ProductLine, counts: Sequence[_Weighed], *, at: datetime
) -> RivalEvidence:
    in_force = line.in_force
    classes = list(line.classes.in_use())
    began_at = in_force.candidate_began_at or at
    live_only = _sum(counts, live=True, candidate=False)
    candidate_only = _sum(counts, live=False, candidate=True)
    items = sum(one.count.count for one in counts)
    worse = [
        _paired([c for c in counts if c.count.people == one.key], is_swapped=True)
        for one in classes
    ]
    needed = needed_evidence(
        in_force.terms().requirements, attempt=in_force.candidate_attempt
    )
    is_even = all(one.weight == 1 for one in counts)
    return RivalEvidence(
        items=items,
        candidate_only=candidate_only,
        live_only=live_only,
        paired_evidence=_paired(counts) if items else None,
        labels_to_evidence=labels_needed(
            candidate_only, live_only, gate=0.5, evidence=needed
        )
        if is_even
        else None,
        classes=len(classes),
        worst_class_evidence=max(worse, default=None) if items else None,
        days=(at - began_at) / timedelta(days=1),
        open_alarms=Alarm.objects.open().filter(line=line).count(),
        attempt=in_force.candidate_attempt,
    )


def _class_rivalry(one: LabelClass, counts: Sequence[_Weighed]) -> ClassRivalry:
    return ClassRivalry(
        label_class=one,
        live_right=_right(counts, _live_is_right),
        candidate_right=_right(counts, _candidate_is_right),
        live_only=_sum(counts, live=True, candidate=False),
        candidate_only=_sum(counts, live=False, candidate=True),
        better=_paired(counts),
        worse=_paired(counts, is_swapped=True),
    )


def _rival(
    line: ProductLine, version: ModelVersion, right: Share | None, *, at: datetime
) -> Rival:
    in_force = line.in_force
    pairs = pairs_between(line, version, in_force.candidate_began_at or at, at)
    correct = ~pairs.wrong
    return Rival(
        version=version,
        right=right,
        answering=answering(in_force, version.pk),
        calibration_error=expected_calibration_error(pairs.confidence, correct).value
        if len(correct)
        else None,
        pairs=len(correct),
        bins=reliability(pairs.confidence, correct) if len(correct) else [],
    )


def _paired(counts: Sequence[_Weighed], *, is_swapped: bool = False) -> float:
    """Give the e-value for the candidate; swapped, the one for the live version."""
    strata: dict[float, list[int]] = {}
    for one in counts:
        if one.count.is_live_right == one.count.is_candidate_right:
            continue
        only = strata.setdefault(one.weight, [0, 0])
        only[one.count.is_candidate_right != is_swapped] += one.count.count
    return weighted_paired_evidence(
        [(w, live, candidate) for w, (live, candidate) in strata.items()]
    )


def _right(
    counts: Sequence[_Weighed], is_right: Callable[[RivalCount], bool]
) -> Share | None:
    """Give the share of items that a version had right, each kind by its weight.

    Where all items had the same chance of a look this is the plain share with its
    Wilson interval.
    """
    strata: dict[float, list[int]] = {}
    for one in counts:
        seen = strata.setdefault(one.count.inclusion, [0, 0])
        seen[0] += one.count.count
        seen[1] += 0 if is_right(one.count) else one.count.count
    n = sum(seen for seen, _wrong in strata.values())
    wrong = sum(wrong for _seen, wrong in strata.values())
    if len(strata) <= 1:
        return share(n - wrong, n)
    # twice the size: what is asked is how it would be on items still to come
    found = mover_wilson(
        [(round(2 * n / chance), n, w) for chance, (n, w) in strata.items()]
    )
    return Share(
        value=1 - found.value,
        low=1 - found.high,
        high=1 - found.low,
        count=n - wrong,
        of=n,
    )


def _sum(counts: Sequence[_Weighed], *, live: bool, candidate: bool) -> int:
    return sum(
        one.count.count
        for one in counts
        if one.count.is_live_right == live and one.count.is_candidate_right == candidate
    )


def _live_is_right(count: RivalCount) -> bool:
    return count.is_live_right


def _candidate_is_right(count: RivalCount) -> bool:
    return count.is_candidate_right
