"""Tables, their constraints, and reads as QuerySet methods."""

from reviewapp.models.asides import (
    AsideBecause,
    AsideOutcome,
    Flag,
    FlagKind,
    SetAside,
    SkipPolicy,
    SkipReason,
)
from reviewapp.models.books import (
    BookDefinition,
    BookEdition,
    BookExample,
    ExampleKind,
)
from reviewapp.models.clock import ClockNow
from reviewapp.models.containments import (
    ContainedItem,
    Containment,
    ContainmentState,
    HeldOutcome,
)
from reviewapp.models.datasets import DatasetSnapshot, SnapshotRow
from reviewapp.models.decisions import DecidedBy, Decision, FeedEntry
from reviewapp.models.disputes import Dispute, DisputeAnswer, DisputeOutcome
from reviewapp.models.gold import GoldItem, GoldRead, GoldRun, GoldTerms, GoldUse
from reviewapp.models.items import Item, Payload
from reviewapp.models.jobs import Job, JobKind, JobState
from reviewapp.models.labels import (
    CANNOT_TELL,
    AnswerKind,
    Encounter,
    Exposure,
    Label,
    LateAnswer,
)
from reviewapp.models.lines import (
    LabelClass,
    LineState,
    Meaning,
    Modality,
    ProductLine,
    TableSchema,
)
from reviewapp.models.motions import Act, Motion, Outcome
from reviewapp.models.people import Membership, Role, User
from reviewapp.models.policies import Cause, LevelChoices, Policy
from reviewapp.models.predictions import Prediction, PredictionSource
from reviewapp.models.queues import OrderChoices, QueueTerms
from reviewapp.models.records import Record
from reviewapp.models.reviews import Review
from reviewapp.models.routings import RouteChoices, Routing
from reviewapp.models.sessions import Session
from reviewapp.models.shifts import LinePace, OwnBreaks, Shift, ShiftEnd, ShiftTerms
from reviewapp.models.tokens import Scope, Token
from reviewapp.models.versions import ModelVersion
from reviewapp.models.vocabularies import Vocabulary

__all__ = [
    "CANNOT_TELL",
    "Act",
    "AnswerKind",
    "AsideBecause",
    "AsideOutcome",
    "BookDefinition",
    "BookEdition",
    "BookExample",
    "Cause",
    "ClockNow",
    "ContainedItem",
    "Containment",
    "ContainmentState",
    "DatasetSnapshot",
    "DecidedBy",
    "Decision",
    "Dispute",
    "DisputeAnswer",
    "DisputeOutcome",
    "Encounter",
    "ExampleKind",
    "Exposure",
    "FeedEntry",
    "Flag",
    "FlagKind",
    "GoldItem",
    "GoldRead",
    "GoldRun",
    "GoldTerms",
    "GoldUse",
    "HeldOutcome",
    "Item",
    "Job",
    "JobKind",
    "JobState",
    "Label",
    "LabelClass",
    "LateAnswer",
    "LevelChoices",
    "LinePace",
    "LineState",
    "Meaning",
    "Membership",
    "Modality",
    "ModelVersion",
    "Motion",
    "OrderChoices",
    "Outcome",
    "OwnBreaks",
    "Payload",
    "Policy",
    "Prediction",
    "PredictionSource",
    "ProductLine",
    "QueueTerms",
    "Record",
    "Review",
    "Role",
    "RouteChoices",
    "Routing",
    "Scope",
    "Session",
    "SetAside",
    "Shift",
    "ShiftEnd",
    "ShiftTerms",
    "SkipPolicy",
    "SkipReason",
    "SnapshotRow",
    "TableSchema",
    "Token",
    "User",
    "Vocabulary",
]
