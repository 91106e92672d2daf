"""Bounds: what a line asks of each metric, and which metrics it keeps."""

from dataclasses import dataclass
from math import isfinite

from django.db import transaction
from django.utils.translation import gettext as _

from monitoring.catalogue import CATALOGUE, Metric, Present, metrics_for
from monitoring.models import Bound, MetricState
from reviewapp.errors import InvalidInputError
from reviewapp.models import ProductLine, User
from reviewapp.services.queues import COUNTED_UP_TO
from reviewapp.services.records import actor_name, record

# What is counted up to so many and no further.
QUEUES = frozenset({"waiting", "unrouted"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A metric as a line has it: its bounds, and where they come from."""

    metric: Metric
    state: MetricState
    lower: float | None
    upper: float | None
    fewest: int
    bound: Bound | None

    @property
    def is_measured(self) -> bool:
        """Say whether the metric is computed at all."""
        return self.state in {MetricState.ACTIVE, MetricState.MUTED}

    @property
    def may_ring(self) -> bool:
        """Say whether an alarm may come of it."""
        return self.state is MetricState.ACTIVE


def asked_of(line: ProductLine) -> list[Asked]:
    """Give every metric of a line's catalogue with the bounds in force."""
    own = {bound.metric: bound for bound in Bound.objects.in_force(line)}
    return [
        _asked(metric, own.get(metric.key)) for metric in metrics_for(line.modality)
    ]


def _asked(metric: Metric, bound: Bound | None) -> Asked:
    if bound is None:
        return Asked(
            metric=metric,
            state=MetricState.PROPOSED if metric.is_offered else MetricState.ACTIVE,
            lower=metric.lower,
            upper=metric.upper,
            fewest=metric.fewest,
            bound=None,
        )
    return Asked(
        metric=metric,
        state=MetricState(bound.state),
        lower=bound.lower,
        upper=bound.upper,
        fewest=bound.fewest,
        bound=bound,
    )


def most_of(metric: Metric) -> int | None:
    """Give the count at which a queue is counted no further; ``None`` for no queue."""
    reads = metric.reads
    is_queue = isinstance(reads, Present) and reads.name in QUEUES
    return COUNTED_UP_TO if is_queue else None


@transaction.atomic
def set_bound(
    line: ProductLine,
    key: str,
    *,
    lower: float | None,
    upper: float | None,
    fewest: int,
    state: MetricState = MetricState.ACTIVE,
    by: User | None,
    reason: str = "",
) -> Bound:
    """Ask something else of a metric from now on; what was asked before stays a row.

    Raises
    ------
    InvalidInputError
        If the catalogue has no such metric, or the bounds cannot be, or never exceeded.
    """
    if key not in CATALOGUE:
        raise InvalidInputError(
            _("There is no metric %(metric)r.") % {"metric": key[:60]},
            code="unknown_metric",
        )
    given = [limit for limit in (lower, upper) if limit is not None]
    if not all(map(isfinite, given)) or given != sorted(given):
        raise InvalidInputError(
            _("The lower bound is a number not above the upper one."), code="bad_range"
        )
    most = most_of(CATALOGUE[key])
    if most is not None and any(limit >= most for limit in given):
        raise InvalidInputError(
            _(
                "A queue is counted up to %(most)s only, so nothing is ever above that "
                "bound. Name a smaller one."
            )
            % {"most": f"{most:,}"},
            code="beyond_count",
        )
    made = Bound.objects.create(
        line=line,
        metric=key,
        state=state,
        lower=lower,
        upper=upper,
        fewest=fewest,
        set_by=by,
        reason=reason,
    )
    record(
        "bound.set",
        actor=actor_name(by),
        line=line,
        subject=key,
        details={"state": state.value, "lower": lower, "upper": upper},
        reason=reason,
    )
    return made
