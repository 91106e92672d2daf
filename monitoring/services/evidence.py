"""Gathering what the gates read: counts in, figures out, nothing judged here."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils import timezone

from monitoring.models import Alarm, HourlyCount
from monitoring.services.alarm_terms import cool_down
from monitoring.services.segments import segments_of
from monitoring.services.slow_figures import kept_figures, work_out
from monitoring.stats.figures import Interval
from monitoring.stats.intervals import clopper_pearson
from monitoring.stats.sequential import breach_evidence, gate_evidence, labels_needed
from monitoring.windows import pairs
from monitoring.windows.canaries import WouldDecide
from monitoring.windows.pairs import Agreed, GateCounts
from reviewapp.evidence import Evidence
from reviewapp.gates import needed_evidence
from reviewapp.models import Policy, ProductLine
from reviewapp.parts import Part
from reviewapp.policy import Certificate, Requirements

# A drawn item has a day to be answered; then it counts as not answered.
ANSWER_WITHIN = timedelta(days=1)
# How people agree is read from so long; it is not the model's, so no epoch bounds it.
READERS_WITHIN = timedelta(days=90)
AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """E-values for an agreement above its gate, and for escapes below theirs."""

    agreement: float
    escapes: float


def gather(
    line: ProductLine, *, as_of: datetime | None = None, is_shown: bool = False
) -> Evidence:
    """Measure what a rise of the line would rest on, as of now.

    Only blind labels of the live version in the present epoch are evidence. What
    cannot be measured yet stays ``None``, and keeps its gate shut. Where it
    ``is_shown``, not signed, what is slow to work out may be some minutes old.
    """
    at = as_of or timezone.now()
    in_force = line.in_force
    alarms = Alarm.objects.open().filter(line=line).count()
    contained = line.containments.open_by_kind()
    known = Evidence(
        open_alarms=alarms,
        containments_proposed=contained["proposed"],
        containments_standing=contained["standing"],
    )
    if in_force.live is None:
        return known
    counts = HourlyCount.objects.of_line(line).evidence(
        in_force.live, attempt=in_force.attempt
    )
    table = pairs.confusion(counts)
    summed = pairs.gate_counts(counts).get(line.pk, pairs.NOTHING_COUNTED)
    days, shifts = pairs.days_and_shifts(line, counts)
    asked = in_force.terms().requirements
    needed = needed_evidence(asked, attempt=in_force.attempt)
    weight = weigh(summed, asked)
    passed = summed.audits - summed.escapes
    cooling = cool_down(line, at=at)
    certified = _certified(in_force)
    slow = (kept_figures if is_shown else work_out)(line, in_force)
    decided = slow.decided if certified else {}
    interval = _interval(summed)
    least = labels_needed(0, 0, gate=asked.agreement, evidence=needed) or 0
    by_segment = pairs.agreement_by_segment(counts)
    read_twice = pairs.readers(line, start=at - READERS_WITHIN, end=at + AN_HOUR)
    of_readers = _interval(read_twice)
    return replace(
        known,
        version_is_ready=True,
        blind_pairs=summed.pairs,
        agreed_pairs=summed.agreed,
        agreement_low=interval.low if interval else None,
        agreement_high=interval.high if interval else None,
        agreement_evidence=weight.agreement,
        labels_to_agreement=labels_needed(
            summed.agreed,
            summed.pairs - summed.agreed,
            gate=asked.agreement,
            evidence=needed,
        ),
        days=days,
        shifts=shifts,
        shifts_of_line=pairs.shift_count(line),
        classes=tuple(
            _part(key, _agreed([row for row in table if row[0] == key]), least=least)
            for key in sorted({row[0] for row in table})
        ),
        segments=tuple(
            _part(name, by_segment.get(name, Agreed(pairs=0, agreed=0)), least=least)
            for name in segments_of(line)
        ),
        twice_read=read_twice.pairs,
        readers_agreed=read_twice.agreed,
        readers_low=of_readers.low if of_readers else None,
        readers_high=of_readers.high if of_readers else None,
        drawn=summed.pairs + pairs.overdue_draws(line, before=at - ANSWER_WITHIN),
        drawn_answered=summed.pairs,
        calibration_upper=slow.calibration_upper,
        pairs_per_day=pairs.pairs_per_day(line, in_force.live, at=at),
        days_at_level=(at - in_force.level_began_at) / timedelta(days=1),
        days_at_share=(at - in_force.share_began_at) / timedelta(days=1),
        predicted_classes=frozenset(row[0] for row in table),
        audits=summed.audits,
        audited_escapes=summed.escapes,
        escape_evidence=weight.escapes,
        labels_to_escape=labels_needed(
            passed, summed.escapes, gate=1 - asked.escape, evidence=needed
        ),
        may_labels=sum(found.labels for found in decided.values()),
        may_errors=sum(found.errors for found in decided.values()),
        share_labels=sum(found.fresh for found in decided.values()),
        certified_classes=len(certified),
        breach_evidence=_breach(certified, decided),
        cool_down_h=cooling.hours_left(at) if cooling else None,
        fresh_labels=cooling.fresh_labels if cooling else 0,
        fresh_labels_needed=cooling.needed_labels if cooling else 0,
    )


def weigh(counted: GateCounts, asked: Requirements) -> Weight:
    """Weigh counts against the gates of agreement and of escapes."""
    return Weight(
        agreement=gate_evidence(
            counted.agreed, counted.pairs - counted.agreed, gate=asked.agreement
        ),
        escapes=gate_evidence(
            counted.audits - counted.escapes, counted.escapes, gate=1 - asked.escape
        ),
    )


def readers_high(line: ProductLine, *, as_of: datetime | None = None) -> float | None:
    """Bound how far people agree among themselves; ``None`` while nobody knows."""
    at = as_of or timezone.now()
    interval = _interval(
        pairs.readers(line, start=at - READERS_WITHIN, end=at + AN_HOUR)
    )
    return interval.high if interval else None


def _agreed(table: list[tuple[str, str | None, int]]) -> Agreed:
    return Agreed(
        pairs=sum(n for _predicted, _answered, n in table),
        agreed=sum(n for predicted, answered, n in table if predicted == answered),
    )


def _interval(agreed: Agreed) -> Interval | None:
    return clopper_pearson(agreed.agreed, agreed.pairs) if agreed.pairs else None


def _part(name: str, agreed: Agreed, *, least: int) -> Part:
    interval = _interval(agreed)
    return Part(
        name=name,
        pairs=agreed.pairs,
        agreed=agreed.agreed,
        least=least,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
    )


def _certified(in_force: Policy) -> dict[str, Certificate]:
    """Give the certificates by which the live version decides now."""
    if not in_force.automation_level.may_decide:
        return {}
    terms = in_force.terms()
    return {
        key: one
        for key, one in terms.certificates.items()
        if one.fingerprint == terms.live
    }


def _breach(
    certified: dict[str, Certificate], decided: dict[str, WouldDecide]
) -> float | None:
    """Weigh that some class breaks its promise; ``None`` without a label to say so.

    Each class has an e-process of its own, held against what its certificate allows.
    """
    found = [
        breach_evidence(
            seen.labels - seen.errors, seen.errors, gate=1 - certified[key].max_error
        )
        for key, seen in decided.items()
        if key in certified
    ]
    return max(found, default=None)
