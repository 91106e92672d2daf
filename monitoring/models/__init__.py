"""Tables of the measuring half."""

from monitoring.models.alarms import (
    CLOSED,
    Alarm,
    AlarmCause,
    AlarmEvent,
    AlarmEventKind,
    AlarmState,
    AlarmTerms,
    default_lowers_to,
)
from monitoring.models.calendars import PlannedPause, WorkWeek
from monitoring.models.columns import HourlyColumn
from monitoring.models.costs import CostMatrix
from monitoring.models.counts import CountRun, HourlyCount, Measure
from monitoring.models.days import DailyColumn, DailyCount
from monitoring.models.deliveries import Delivery, Reach, Webhook
from monitoring.models.drift import DriftState, DriftWindow, WindowSize
from monitoring.models.measurements import Bound, Measurement, MetricState, Verdict
from monitoring.models.processes import PageHour, ProcessKind, ProcessSample, TaskPulse
from monitoring.models.references import (
    ReferencePart,
    ReferenceSource,
    ReferenceWindow,
)
from monitoring.models.segments import Segmentation, SegmentKind
from monitoring.models.studies import Study, StudyPart, StudyRead

__all__ = [
    "CLOSED",
    "Alarm",
    "AlarmCause",
    "AlarmEvent",
    "AlarmEventKind",
    "AlarmState",
    "AlarmTerms",
    "Bound",
    "CostMatrix",
    "CountRun",
    "DailyColumn",
    "DailyCount",
    "Delivery",
    "DriftState",
    "DriftWindow",
    "HourlyColumn",
    "HourlyCount",
    "Measure",
    "Measurement",
    "MetricState",
    "PageHour",
    "PlannedPause",
    "ProcessKind",
    "ProcessSample",
    "Reach",
    "ReferencePart",
    "ReferenceSource",
    "ReferenceWindow",
    "SegmentKind",
    "Segmentation",
    "Study",
    "StudyPart",
    "StudyRead",
    "TaskPulse",
    "Verdict",
    "Webhook",
    "WindowSize",
    "WorkWeek",
    "default_lowers_to",
]
