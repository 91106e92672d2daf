"""The values of an hour as counts that add up, exact to two hundredths of each value.

A value falls into the bucket whose bounds are in the ratio ``GAMMA``; a quantile read
from the buckets is within 2 % of the true one, whatever the range and however many
hours were added.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil, log, nan, sqrt

ACCURACY = 0.02
GAMMA = (1 + ACCURACY) / (1 - ACCURACY)
LOG_GAMMA = log(GAMMA)
ZERO = "0"
# Nearer to 0 than this counts as 0.
SMALLEST = 1e-9
# Sums of one value over and over are off by so much of it at most.
ROUNDING = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """What is known of many values: counts by bucket, sum and sum of squares.

    ``missing`` counts the places where a value was expected and there was none.
    Buckets are named ``"0"``, ``"+12"`` and ``"-7"`` by the sign of their values and
    the power of ``GAMMA`` that bounds them away from 0.

    References
    ----------
    C. Masson, J. E. Rim and H. K. Lee (2019), "DDSketch: a fast and fully-mergeable
    quantile sketch with relative-error guarantees", PVLDB 12 (12), 2195-2205.

    Examples
    --------
    >>> sketch = sketch_of([1.0, 2.0, 3.0, 4.0, 100.0])
    >>> abs(sketch.quantile(0.5) / 3 - 1) < 0.02, sketch.mean
    (True, 22.0)
    """

    count: int = 0
    missing: int = 0
    total: float = 0.0
    squares: float = 0.0
    buckets: Mapping[str, int] = field(default_factory=dict)

    @property
    def mean(self) -> float:
        """Mean of the values; NaN without any."""
        return self.total / self.count if self.count else nan

    @property
    def spread(self) -> float:
        """Standard deviation of the values, population form; NaN without any."""
        if not self.count:
            return nan
        return sqrt(max(self.squares / self.count - self.mean**2, 0.0))

    @property
    def is_constant(self) -> bool:
        """Say whether all values are the same one, as far as sums can tell.

        Whoever keeps buckets alone has no sums: then it is not known.
        """
        is_of_one = self.count and [*self.buckets] == [bucket_of(self.mean)]
        return bool(is_of_one) and self.spread <= ROUNDING * abs(self.mean)

    @property
    def missing_share(self) -> float:
        """Share of the places without a value; NaN where none was expected."""
        places = self.count + self.missing
        return self.missing / places if places else nan

    @property
    def commonest_share(self) -> float:
        """Share of the fullest bucket, for words the commonest; NaN without values."""
        return max(self.buckets.values()) / self.count if self.count else nan

    def quantile(self, share: float) -> float:
        """Give the value below which a share in [0, 1] of the values lies, within 2 %.

        Of a constant it is that value itself. NaN without values.
        """
        if not 0 <= share <= 1:
            raise ValueError(f"A quantile of {share}: from 0 to 1.")
        if not self.count:
            return nan
        if self.is_constant:
            return self.mean
        wanted, seen = share * (self.count - 1), 0
        for value, count in sorted((value_of(b), n) for b, n in self.buckets.items()):
            seen += count
            if seen > wanted:
                return value
        raise ValueError(f"{seen} values in buckets, {self.count} counted.")


def sketch_of(values: Iterable[float | None]) -> Sketch:
    """Count values; ``None`` is a missing one."""
    known = list(values)
    present = [value for value in known if value is not None]
    return Sketch(
        count=len(present),
        missing=len(known) - len(present),
        total=float(sum(present)),
        squares=float(sum(value * value for value in present)),
        buckets=dict(Counter(map(bucket_of, present))),
    )


def add(sketches: Iterable[Sketch]) -> Sketch:
    """Add sketches up; what was counted apart gives what counting together would."""
    buckets: Counter[str] = Counter()
    count = missing = 0
    total = squares = 0.0
    for sketch in sketches:
        count += sketch.count
        missing += sketch.missing
        total += sketch.total
        squares += sketch.squares
        buckets.update(sketch.buckets)
    return Sketch(
        count=count,
        missing=missing,
        total=total,
        squares=squares,
        buckets=dict(buckets),
    )


def bucket_of(value: float) -> str:
    """Name the bucket of a value."""
    if abs(value) < SMALLEST:
        return ZERO
    power = ceil(log(abs(value)) / LOG_GAMMA)
    return f"{'+' if value > 0 else '-'}{power}"


def value_of(bucket: str) -> float:
    """Give the value that stands for a bucket, within 2 % of each value in it.

    Examples
    --------
    >>> abs(value_of(bucket_of(-250.0)) / -250 - 1) < 0.02
    True
    """
    if bucket == ZERO:
        return 0.0
    size = 2 * GAMMA ** int(bucket[1:]) / (GAMMA + 1)
    return size if bucket[0] == "+" else -size
