"""A line's set-up as a file: copied, carried over, and made into another line.

It holds what people decided about a line (classes and what the label book says of them,
columns, the order of its queue, settings of its policy, bounds, alarm terms), and none
of what was measured: a line that is made of it begins at MANUAL, without a version and
without trust.
"""

from typing import Annotated, Any, Literal

from django.db import transaction
from django.utils.translation import ngettext
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from monitoring.models import Bound, MetricState
from monitoring.services.alarm_terms import set_terms, terms_of
from monitoring.services.bounds import set_bound
from reviewapp.errors import Fault, InvalidInputError
from reviewapp.modalities.schemas import Schema
from reviewapp.models import (
    Cause,
    GoldTerms,
    Meaning,
    Modality,
    ProductLine,
    QueueTerms,
    SkipPolicy,
    User,
)
from reviewapp.models.queues import LONGEST_DUE_MIN
from reviewapp.order import OrderRule
from reviewapp.policy import MOST_OF_OTHER_STYLE, AssistStyle, AutomationLevel
from reviewapp.services import gold
from reviewapp.services.books import (
    LONGEST_DEFINITION,
    begin_draft,
    define,
    publish,
)
from reviewapp.services.gold import MOST_SHARE
from reviewapp.services.lines import NewClass, create_line
from reviewapp.services.policies import append_policy
from reviewapp.services.requirements import require_floors
from reviewapp.strictjson import parse_object

MOST_FAULTS = 20
REASON = "from a set-up file"

Share = Annotated[float, Field(gt=0, le=1)]
Text = Annotated[str, Field(max_length=500)]


class Part(BaseModel):
    """A part of a set-up: every field known, each of its own type."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class ClassPart(Part):
    """One permitted answer."""

    key: Annotated[str, Field(pattern=r"^[-a-zA-Z0-9_]{1,60}$")]
    name: Annotated[str, Field(min_length=1, max_length=60)]
    meaning: Meaning
    description: Text = ""
    definition: Annotated[str, Field(max_length=LONGEST_DEFINITION)] = ""


class PolicyPart(Part):
    """What of a policy is a setting: how often people look, what gates ask for."""

    blind_share: Share
    default_audit_share: Share
    audit_shares: dict[str, Share] = {}
    overlap_share: Annotated[float, Field(ge=0, le=1)] = 0.0
    reads_per_item: Annotated[int, Field(ge=1, le=3)] = 1
    assist_style: AssistStyle
    other_style_share: Annotated[float, Field(ge=0, le=MOST_OF_OTHER_STYLE)] = 0.0
    judgement_max_age_s: Annotated[int, Field(ge=60, le=86_400)]
    requirements: dict[str, float | list[float] | bool] = {}


class BoundPart(Part):
    """What the line asks of one metric."""

    metric: Annotated[str, Field(max_length=60)]
    state: MetricState
    lower: float | None
    upper: float | None
    fewest: Annotated[int, Field(ge=0)]


class TermsPart(Part):
    """What alarms may do by themselves."""

    lowers_to: dict[str, Annotated[int, Field(ge=0, le=AutomationLevel.FULL)]]
    cool_down_h: Annotated[int, Field(ge=1, le=720)]
    fresh_labels: Annotated[int, Field(ge=0, le=100_000)]


class QueuePart(Part):
    """What comes to people first, and when it is due."""

    rule: OrderRule = OrderRule.OLDEST
    age_share: Annotated[float, Field(ge=0.05, le=1)] = 0.2
    due_after_min: Annotated[int | None, Field(ge=1, le=LONGEST_DUE_MIN)] = None
    claim_is_fixed: bool = False


class GoldPart(Part):
    """How gold is dealt, and which marks qualify.

    Whether a qualification is asked for stays with the line: one that is new has no
    gold to pass it with, so nobody could work there.
    """

    share: Annotated[float, Field(ge=0, le=MOST_SHARE)]
    rest_days: Annotated[int, Field(ge=1, le=3650)]
    most_reads: Annotated[int, Field(ge=1, le=1000)]
    least_hits: Annotated[float, Field(ge=0, le=1)]
    most_false_alarms: Annotated[float, Field(ge=0, le=1)]
    valid_days: Annotated[int, Field(ge=1, le=3650)]


class Setup(Part):
    """All that people decided about a line; ``rung_setup`` is the form's number."""

    rung_setup: Literal[1] = 1
    name: Annotated[str, Field(min_length=1, max_length=100)]
    question: Annotated[str, Field(min_length=1, max_length=200)]
    modality: Modality
    time_zone: Annotated[str, Field(max_length=64)]
    shift_starts: list[Any] = []
    claim_length_s: Annotated[int, Field(ge=30, le=3600)]
    queue: QueuePart = QueuePart()
    hand_size: Annotated[int, Field(ge=1, le=3)] = 2
    asks_where: bool = False
    allows_several: bool = False
    skip_policy: SkipPolicy = SkipPolicy.OTHERS
    skip_reasons: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=40)]], Field(max_length=9)
    ] = []
    least_look_s: Annotated[int, Field(ge=0, le=60)] = 0
    shows_earlier_answers: bool = False
    prediction_deadline_s: Annotated[int, Field(ge=1, le=3600)]
    inspectors_may_stop: bool
    classes: Annotated[list[ClassPart], Field(min_length=1, max_length=20)]
    columns: list[dict[str, JsonValue]] | None = None
    policy: PolicyPart
    bounds: list[BoundPart] = []
    alarm_terms: TermsPart
    gold: GoldPart | None = None


def setup_of(line: ProductLine) -> Setup:
    """Give a line's set-up as it is now."""
    in_force, terms = line.in_force, terms_of(line)
    definitions = _definitions_of(line)
    return Setup(
        name=line.name,
        question=line.question,
        modality=Modality(line.modality),
        time_zone=line.time_zone,
        shift_starts=line.shift_starts,
        claim_length_s=line.claim_length_s,
        queue=_queue_of(line),
        hand_size=line.hand_size,
        asks_where=line.asks_where,
        allows_several=line.allows_several,
        skip_policy=SkipPolicy(line.skip_policy),
        skip_reasons=line.skip_reasons,
        least_look_s=line.least_look_s,
        shows_earlier_answers=line.shows_earlier_answers,
        prediction_deadline_s=line.prediction_deadline_s,
        inspectors_may_stop=line.inspectors_may_stop,
        classes=[
            ClassPart(
                key=label_class.key,
                name=label_class.name,
                meaning=Meaning(label_class.meaning),
                description=label_class.description,
                definition=definitions.get(label_class.key, ""),
            )
            for label_class in line.classes.in_use()
        ],
        columns=line.schema.columns if line.schema else None,
        policy=PolicyPart(
            blind_share=in_force.blind_share,
            default_audit_share=in_force.default_audit_share,
            audit_shares=in_force.audit_shares,
            overlap_share=in_force.overlap_share,
            reads_per_item=in_force.reads_per_item,
            assist_style=AssistStyle(in_force.assist_style),
            other_style_share=in_force.other_style_share,
            judgement_max_age_s=in_force.judgement_max_age_s,
            requirements=in_force.requirements,
        ),
        bounds=[
            BoundPart(
                metric=bound.metric,
                state=MetricState(bound.state),
                lower=bound.lower,
                upper=bound.upper,
                fewest=bound.fewest,
            )
            for bound in Bound.objects.in_force(line)
        ],
        alarm_terms=TermsPart(
            lowers_to=terms.lowers_to,
            cool_down_h=terms.cool_down_h,
            fresh_labels=terms.fresh_labels,
        ),
        gold=_gold_of(line),
    )


def _gold_of(line: ProductLine) -> GoldPart:
    terms = gold.terms_of(line)
    return GoldPart(
        share=line.gold_share,
        rest_days=terms.rest_days,
        most_reads=terms.most_reads,
        least_hits=terms.least_hits,
        most_false_alarms=terms.most_false_alarms,
        valid_days=terms.valid_days,
    )


def _queue_of(line: ProductLine) -> QueuePart:
    terms = QueueTerms.objects.of_line(line)
    return QueuePart(
        rule=OrderRule(terms.rule),
        age_share=terms.age_share,
        due_after_min=terms.due_after_min,
        claim_is_fixed=terms.claim_is_fixed,
    )


def _definitions_of(line: ProductLine) -> dict[str, str]:
    """Give what the label book in force says of each class, by its key.

    Its examples are items of the line and stay there.
    """
    if line.edition is None:
        return {}
    return dict(line.edition.definitions.values_list("label_class__key", "text"))


def write_setup(setup: Setup) -> bytes:
    """Write a set-up as JSON that people can read and compare."""
    return (setup.model_dump_json(indent=2) + "\n").encode()


def read_setup(body: bytes) -> Setup:
    """Read a set-up file, or refuse it with the place of every fault.

    Raises
    ------
    InvalidInputError
        ``invalid_setup`` with JSON pointers, or what the one JSON parser refuses.
    """
    try:
        return Setup.model_validate(parse_object(body))
    except ValidationError as error:
        faults = tuple(
            Fault(
                code="invalid_setup",
                message=one["msg"],
                where={"pointer": "/" + "/".join(map(str, one["loc"]))},
            )
            for one in error.errors()[:MOST_FAULTS]
        )
        first = faults[0]
        said = f"{first.where['pointer']}: {first.message}."
        if len(faults) > 1:
            n = len(faults) - 1
            said += " " + ngettext("%(n)d more.", "%(n)d more.", n) % {"n": n}
        raise InvalidInputError(said, code="invalid_setup", faults=faults) from None


@transaction.atomic
def make_line(setup: Setup, *, name: str, by: User) -> ProductLine:
    """Make a line of a set-up, at MANUAL; all of it or nothing.

    Raises
    ------
    InvalidInputError
        If the columns cannot be, a gate asks for less than its floor, or a metric is
        unknown here.
    ConflictError
        If there is a line of this address already.
    """
    if setup.columns is not None:
        Schema.from_json(list(setup.columns))
    line = create_line(
        name=name,
        question=setup.question,
        modality=setup.modality,
        classes=[
            NewClass(
                key=part.key,
                name=part.name,
                meaning=part.meaning,
                description=part.description,
            )
            for part in setup.classes
        ],
        columns=setup.columns,
        by=by,
        time_zone=setup.time_zone,
        shift_starts=setup.shift_starts,
        claim_length_s=setup.claim_length_s,
        hand_size=setup.hand_size,
        asks_where=setup.asks_where,
        allows_several=setup.allows_several,
        skip_policy=setup.skip_policy,
        skip_reasons=setup.skip_reasons,
        least_look_s=setup.least_look_s,
        shows_earlier_answers=setup.shows_earlier_answers,
        prediction_deadline_s=setup.prediction_deadline_s,
        inspectors_may_stop=setup.inspectors_may_stop,
    )
    QueueTerms.objects.create(line=line, **setup.queue.model_dump(mode="json"))
    definitions = {part.key: part.definition for part in setup.classes}
    if any(definitions.values()):
        begin_draft(line, by=by)
        define(line, definitions)
        publish(line, note=REASON, by=by)
    settings = setup.policy.model_dump(mode="json")
    numbers = {
        key: value
        for key, value in settings["requirements"].items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    require_floors(line.in_force, numbers)
    append_policy(line, cause=Cause.CHANGED, by=by, reason=REASON, changes=settings)
    line.in_force.terms()  # refuses what no policy can hold
    for bound in setup.bounds:
        set_bound(
            line,
            bound.metric,
            lower=bound.lower,
            upper=bound.upper,
            fewest=bound.fewest,
            state=bound.state,
            by=by,
            reason=REASON,
        )
    terms = setup.alarm_terms
    set_terms(
        line,
        lowers_to=terms.lowers_to,
        cool_down_h=terms.cool_down_h,
        fresh_labels=terms.fresh_labels,
        by=by,
        reason=REASON,
    )
    if setup.gold is not None:
        dealt = setup.gold.model_dump()
        share = dealt.pop("share")
        gold.set_terms(
            line, GoldTerms(**dealt), share=share, qualification_size=0, by=by
        )
    return line
