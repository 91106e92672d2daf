"""Tables of the measuring half."""

from monitoring.models.alarms import Alarm, AlarmCause
from monitoring.models.columns import HourlyColumn
from monitoring.models.counts import CountRun, HourlyCount, Measure
from monitoring.models.measurements import Bound, Measurement, MetricState, Verdict

__all__ = [
    "Alarm",
    "AlarmCause",
    "Bound",
    "CountRun",
    "HourlyColumn",
    "HourlyCount",
    "Measure",
    "Measurement",
    "MetricState",
    "Verdict",
]
