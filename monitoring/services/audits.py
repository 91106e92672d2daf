"""What audits found in a span: counts by class, rates with bounds, their power."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from monitoring.models import StudyRead
from monitoring.services.audit_shares import Look, looks_of
from monitoring.services.gold_figures import GoldFigures, gold_figures
from monitoring.stats.acceptance import ErrorRates, corrected_upper, error_rates
from monitoring.stats.intervals import upper_bound
from monitoring.stats.sampling import Stratum
from monitoring.windows.audits import AuditCounts, AuditDay, audit_days, second_reads
from reviewapp.models import LabelClass, Meaning, ProductLine

MISSES_DAYS = 180
GOLD, STUDIES, SECOND_READS = "gold", "studies", "second_reads"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of audits: drawn by lot, answered, found wrong."""

    decided: int
    drawn: int
    answered: int
    wrong: int

    @property
    def waiting(self) -> int:
        """Drawn and not answered yet."""
        return self.drawn - self.answered


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassAudits:
    """One class that the model decides: how often it is looked at, and the finds."""

    label_class: LabelClass
    share: float
    look: Look | None
    today: Tally
    span: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Misses:
    """Defective items shown to people blind, and how many of the reads passed them."""

    shown: int
    missed: int
    known_from: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Audits:
    """A line's audits over the last days, as its page shows them.

    ``detectable`` is the smallest escape rate that these audits of passed items would
    have shown with at least one error, in 95 of 100 cases. ``corrected`` is the upper
    bound on escapes with what inspectors miss; ``None`` where that is not known.
    ``gold`` says how many gold answers there are to know it from.
    """

    days: int
    classes: list[ClassAudits]
    passed: Tally
    rejected: Tally
    rates: ErrorRates
    detectable: float | None
    misses: Misses | None
    gold: GoldFigures
    corrected: float | None


def audits_of(line: ProductLine, *, at: datetime, days: int) -> Audits | None:
    """Give what audits found on the last days; ``None`` where nothing was decided."""
    zone = ZoneInfo(line.time_zone)
    today = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    start = today - timedelta(days=days - 1)
    found = audit_days(line, start, at)
    is_deciding = line.in_force.automation_level.may_decide
    looks = {look.key: look for look in looks_of(line, at=at)} if is_deciding else {}
    if not found and not looks:
        return None
    terms = line.in_force.terms()
    keys = {day.key for day in found} | {*looks}
    passed = [day for day in found if day.meaning is Meaning.PASS]
    rejected = [day for day in found if day.meaning is Meaning.REJECT]
    rates = rates_of(found)
    gold = gold_figures(line, at=at)
    misses = misses_of(line, at=at, gold=gold)
    answered = sum(day.answered for day in passed)
    return Audits(
        days=days,
        classes=[
            ClassAudits(
                label_class=label_class,
                share=terms.audit_share(label_class.key),
                look=looks.get(label_class.key),
                today=_tally(found, label_class.key, on=today.date()),
                span=_tally(found, label_class.key),
            )
            for label_class in line.classes.filter(key__in=keys)
        ],
        passed=_sum(passed),
        rejected=_sum(rejected),
        rates=rates,
        detectable=upper_bound(0, answered) if answered else None,
        misses=misses,
        gold=gold,
        corrected=corrected_upper(rates.escape.high, misses.missed, misses.shown)
        if misses and rates.escape and rates.escape.n
        else None,
    )


def rates_between(line: ProductLine, start: datetime, end: datetime) -> ErrorRates:
    """Give the weighted error rates of what the model decided in [start, end)."""
    return rates_of(audit_days(line, start, end))


def rates_of(found: Sequence[AuditCounts]) -> ErrorRates:
    """Give the weighted error rates of what the model decided."""
    return error_rates(strata_of(found, Meaning.PASS), strata_of(found, Meaning.REJECT))


def misses_of(
    line: ProductLine, *, at: datetime, gold: GoldFigures | None = None
) -> Misses | None:
    """Count how often people passed defective items that they were shown blind.

    From gold that came among the work, where there are answers enough; else from
    studies, whose truth is known too; else from items drawn for two readers; ``None``
    where there are none of these, since not to know is no miss rate of 0.
    """
    gold = gold or gold_figures(line, at=at)
    if not gold.is_few and gold.defects:
        return Misses(shown=gold.defects, missed=gold.missed, known_from=GOLD)
    since = at - timedelta(days=MISSES_DAYS)
    reads = StudyRead.objects.filter(
        study__line=line, answered_at__gte=since, part__is_good=False
    ).aggregate(
        shown=Count("pk"),
        missed=Count("pk", filter=Q(label_class__meaning=Meaning.PASS)),
    )
    if reads["shown"]:
        return Misses(**reads, known_from=STUDIES)
    shown, missed = second_reads(line, since, at)
    if shown:
        return Misses(shown=shown, missed=missed, known_from=SECOND_READS)
    return None


def strata_of(days: Iterable[AuditCounts], meaning: Meaning) -> list[Stratum]:
    """Put together what had one chance of being looked at: a class at a share."""
    sums: dict[tuple[str, float], list[int]] = {}
    for day in days:
        if day.meaning is not meaning:
            continue
        counted = sums.setdefault((day.key, day.share), [0, 0, 0])
        for place, number in enumerate((day.decided, day.answered, day.turned)):
            counted[place] += number
    return [Stratum(*counted) for counted in sums.values()]


def _tally(days: Iterable[AuditDay], key: str, *, on: date | None = None) -> Tally:
    return _sum(day for day in days if day.key == key and on in {None, day.day})


def _sum(days: Iterable[AuditDay]) -> Tally:
    mine = list(days)
    return Tally(
        decided=sum(day.decided for day in mine),
        drawn=sum(day.drawn for day in mine),
        answered=sum(day.answered for day in mine),
        wrong=sum(day.wrong for day in mine),
    )
