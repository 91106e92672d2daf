"""Tables of the measuring half."""

from monitoring.models.alarms import Alarm, AlarmCause
from monitoring.models.counts import CountRun, HourlyCount, Measure

__all__ = ["Alarm", "AlarmCause", "CountRun", "HourlyCount", "Measure"]
