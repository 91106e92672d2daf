"""What processes used and served in a span: the difference of two samples of each."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from monitoring.models import ProcessSample
from monitoring.stats.sketch import Sketch, value_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """One process over a span: what it holds at its end, and what it did within."""

    kind: str
    name: str
    began_at: datetime
    seen_at: datetime
    resident_bytes: int
    span_s: float
    cpu_s: float
    requests: int
    errors: int
    buckets: Counter[str] = field(repr=False)

    @property
    def busy_s(self) -> float:
        """Seconds in which it had a page or a task, within 2 %."""
        return sum(value_of(b) * n for b, n in self.buckets.items()) / 1000


def used_between(start: datetime, end: datetime) -> list[Used]:
    """Give each process seen in [start, end), with what it did in that time.

    A process that was seen before the span counts from its last sample before it; one
    that began within, from its beginning.
    """
    last = ProcessSample.objects.between(start, end).last_of_each()
    before = {
        (sample.kind, sample.name): sample
        for sample in ProcessSample.objects.filter(
            at__lt=start, name__in=[sample.name for sample in last]
        ).last_of_each()
    }
    first = {
        (sample.kind, sample.name): sample
        for sample in ProcessSample.objects.between(start, end)
        .order_by("kind", "name", "at")
        .distinct("kind", "name")
    }
    found = []
    for sample in last:
        key = (sample.kind, sample.name)
        base = before.get(key)
        if base is None and sample.began_at < start:
            base = first[key]
        found.append(_used(sample, base))
    return found


def _used(sample: ProcessSample, base: ProcessSample | None) -> Used:
    buckets = Counter(sample.buckets)
    if base is not None:
        buckets.subtract(base.buckets)
    begins = base.at if base else sample.began_at
    return Used(
        kind=sample.kind,
        name=sample.name,
        began_at=sample.began_at,
        seen_at=sample.at,
        resident_bytes=sample.resident_bytes,
        span_s=max((sample.at - begins).total_seconds(), 0.0),
        cpu_s=sample.cpu_s - (base.cpu_s if base else 0),
        requests=sample.requests - (base.requests if base else 0),
        errors=sample.errors - (base.errors if base else 0),
        buckets=+buckets,
    )


def latencies(found: Iterable[Used]) -> Sketch:
    """Add up how long pages or tasks took, in milliseconds."""
    buckets: Counter[str] = Counter()
    for one in found:
        buckets.update(one.buckets)
    return Sketch(count=buckets.total(), buckets=buckets)
