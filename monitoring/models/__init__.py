"""Tables of the measuring half."""

from monitoring.models.counts import CountRun, HourlyCount, Measure

__all__ = ["CountRun", "HourlyCount", "Measure"]
