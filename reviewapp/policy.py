"""Who decides an item, and who may look.

The heart of the product, written to be read from top to bottom by an auditor. Values
go in, values come out: no clock, no chance, no settings, no rows. Everything that a
decision rests on stands in its arguments, so every decision can be replayed. What
opens the next rung stands beside it, in ``gates.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import assert_never


class AutomationLevel(IntEnum):
    """The rungs of the ladder, lowest first."""

    MANUAL = 0
    SHADOW = 1
    ASSIST = 2
    PARTIAL = 3
    FULL = 4

    @property
    def may_suggest(self) -> bool:
        """Whether people may be shown what the model says."""
        return self >= AutomationLevel.ASSIST

    @property
    def may_decide(self) -> bool:
        """Whether the model may decide an item alone."""
        return self >= AutomationLevel.PARTIAL


def next_rung(level: AutomationLevel) -> AutomationLevel | None:
    """Give the rung above, ``None`` at the top."""
    if level is AutomationLevel.FULL:
        return None
    return AutomationLevel(level + 1)


class Route(StrEnum):
    """What the policy does with an item."""

    BLIND = "blind"
    ASSISTED = "assisted"
    AUTOMATIC = "automatic"
    AUDIT = "audit"


class Because(StrEnum):
    """Why a routing came out as it did: the first reason that settled it."""

    LEVEL_MANUAL = "level_manual"
    LEVEL_SHADOW = "level_shadow"
    LEVEL_ASSIST = "level_assist"
    NO_PREDICTION = "no_prediction"
    MONITOR_SILENT = "monitor_silent"
    NO_CERTIFICATE = "no_certificate"
    OTHER_VERSION = "other_version"
    NOT_COVERED = "not_covered"
    UNSURE = "unsure"
    OUTSIDE_CANARY = "outside_canary"
    CERTIFIED = "certified"


class AssistStyle(StrEnum):
    """When the inspector meets the prediction of an assisted item."""

    ANSWER_FIRST = "answer_first"
    SUGGESTION_FIRST = "suggestion_first"


MOST_OF_OTHER_STYLE = 0.5
OTHER_STYLE = {
    AssistStyle.ANSWER_FIRST: AssistStyle.SUGGESTION_FIRST,
    AssistStyle.SUGGESTION_FIRST: AssistStyle.ANSWER_FIRST,
}


class Shown(StrEnum):
    """What of the prediction an inspector had in sight when answering."""

    NOTHING = "nothing"
    SUGGESTION = "suggestion"
    REVEAL = "reveal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A threshold of one class, the bound it keeps, and what it is for.

    ``fingerprint`` is the hash of version, calibrator and preprocessing: for anything
    else the certificate does not apply. ``covers_all`` says that the bound also holds
    over all valid predictions of the class, sure or not. ``chosen`` is a stricter
    threshold that a manager asks for, at every level. ``granted_by`` is the number of
    the policy that granted it, which says when, by whom and on what evidence.
    """

    fingerprint: str
    threshold: float
    max_error: float
    delta: float
    labels: int
    errors: int
    upper: float
    covers_all: bool = False
    chosen: float | None = None
    granted_by: int | None = None

    def __post_init__(self) -> None:
        """Refuse a choice that is looser than what was certified."""
        if self.chosen is not None and not self.threshold <= self.chosen <= 1:
            raise ValueError(
                f"The chosen threshold is {self.chosen}: at least the certified "
                f"{self.threshold}, at most 1."
            )

    @property
    def decides_from(self) -> float:
        """The confidence from which the model may decide: chosen, else certified."""
        return self.threshold if self.chosen is None else self.chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """What the gates of a line ask for; the defaults are the product's.

    Shares are in [0, 1]; ``evidence`` is the e-value that a first attempt must reach.
    A canary step lasts ``bake_days`` and ``bake_labels`` at least;
    ``canary_advances`` says that the next one then needs no signature;
    ``second_person`` that whatever lets the model do more needs two.
    ``open_containments`` are how many may be proposed or open while anything widens.
    """

    blind_pairs: int = 1000
    days: int = 5
    shifts: int = 1
    evidence: float = 20.0
    agreement: float = 0.95
    answered_share: float = 0.95
    calibration_error: float = 0.05
    partial_days: int = 14
    escape: float = 0.005
    open_containments: int = 0
    certificate_days: int = 90
    canary_steps: tuple[float, ...] = (0.05, 0.2, 0.5, 1.0)
    bake_days: float = 1.0
    bake_labels: int = 100
    canary_advances: bool = False
    second_person: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The settings in force on a line, as far as they decide.

    ``live`` is the fingerprint of the live version. ``blind_share`` is the share of
    the items left to people that is looked at without the prediction; ``audit_shares``
    the share, per class, of the model's decisions that is. ``is_held`` says that the
    last judgement of the monitor is older than the policy allows, ``is_locked`` that
    nothing may widen until a person has looked, ``is_overridden`` that two people let
    the last rise or step through past its gates, and that it still has to end.

    Of the assisted items ``other_style_share`` come in the other style than
    ``assist_style``, by lot, so that the two can be compared.

    ``candidate`` is the fingerprint of the version on trial: it answers the
    ``scoring_share`` of the items, and is the deciding version of the
    ``candidate_share``, which lies inside.
    """

    level: AutomationLevel
    live: str | None = None
    certificates: Mapping[str, Certificate] = field(default_factory=dict)
    canary_share: float = 0.05
    blind_share: float = 0.1
    audit_shares: Mapping[str, float] = field(default_factory=dict)
    default_audit_share: float = 0.1
    assist_style: AssistStyle = AssistStyle.ANSWER_FIRST
    other_style_share: float = 0.0
    requirements: Requirements = field(default_factory=Requirements)
    attempt: int = 1
    is_held: bool = False
    is_locked: bool = False
    is_overridden: bool = False
    candidate: str | None = None
    candidate_certificates: Mapping[str, Certificate] = field(default_factory=dict)
    candidate_share: float = 0.0
    scoring_share: float = 1.0

    def __post_init__(self) -> None:
        """Refuse shares with which some item would never be looked at blind."""
        looks = {
            "blind share": self.blind_share,
            "audit share": self.default_audit_share,
        }
        looks |= {f"audit share of {name}": s for name, s in self.audit_shares.items()}
        for name, share in looks.items():
            if not 0 < share <= 1:
                raise ValueError(f"The {name} is {share}: more than 0, at most 1.")
        if not 0 <= self.canary_share <= 1:
            raise ValueError(f"The canary share is {self.canary_share}: from 0 to 1.")
        if not 0 <= self.other_style_share <= MOST_OF_OTHER_STYLE:
            raise ValueError(
                f"The other style's share is {self.other_style_share}: "
                f"from 0 to {MOST_OF_OTHER_STYLE}."
            )
        if not 0 <= self.candidate_share <= self.scoring_share <= 1:
            raise ValueError(
                f"The candidate decides {self.candidate_share} and scores "
                f"{self.scoring_share}: it decides only what it scores."
            )

    def audit_share(self, label_class: str) -> float:
        """Share of the model's decisions for a class that a person checks blind."""
        return self.audit_shares.get(label_class, self.default_audit_share)

    def least_inclusion_of(self, label_class: str) -> float:
        """Give the least chance of a blind label of what the live one calls a class."""
        if not self.level.may_suggest:
            return 1.0
        if not self.level.may_decide or label_class not in self.certificates:
            return self.blind_share
        return min(self.blind_share, self.audit_share(label_class))

    def least_inclusion(self) -> float:
        """Give the least chance of a blind label that any item can have."""
        if not self.level.may_suggest:
            return 1.0
        if self.level is AutomationLevel.ASSIST:
            return self.blind_share
        decided = {*self.certificates, *self.candidate_certificates}
        return min(self.blind_share, *map(self.audit_share, decided), 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """A valid answer of one version; an invalid one is no prediction at all."""

    label_class: str
    confidence: float
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """The item's two lottery numbers, each in [0, 1): who looks, and who may decide."""

    look: float
    canary: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """What happens to an item, and why.

    ``inclusion`` is the chance, before the look was drawn and given all else, that the
    item gets a blind label; rates are weighted by it. ``look_share`` is the share that
    the look was held against; ``None`` where nothing was drawn.
    """

    route: Route
    may_decide: bool
    inclusion: float
    because: Because
    look_share: float | None = None


def is_scored(policy: Policy, candidate_draw: float) -> bool:
    """Say whether the candidate answers an item too."""
    return policy.candidate is not None and candidate_draw < policy.scoring_share


def deciding(policy: Policy, candidate_draw: float) -> Policy:
    """Choose the version an item is held to, before anything is routed.

    Inside the candidate share the candidate stands in the live version's place, with
    its own certificates; everything else stays. The lottery is that of the scoring
    share, so the candidate decides only what it has answered. Below ASSIST no version
    decides, and the live one is named.
    """
    is_candidates = policy.candidate is not None and (
        policy.level.may_suggest and candidate_draw < policy.candidate_share
    )
    if not is_candidates:
        return policy
    return replace(
        policy, live=policy.candidate, certificates=policy.candidate_certificates
    )


def route(policy: Policy, prediction: Prediction | None, draws: Draws) -> Routing:
    """Say who decides an item.

    1. Below ASSIST, and without a valid prediction, a person looks blind.
    2. If the model may decide, it does; its class's audit share is also looked at.
    3. Otherwise a person decides: blind for the blind share, else assisted.
    """
    if policy.level is AutomationLevel.MANUAL:
        return _surely_blind(Because.LEVEL_MANUAL)
    if policy.level is AutomationLevel.SHADOW:
        return _surely_blind(Because.LEVEL_SHADOW)
    if prediction is None:
        return _surely_blind(Because.NO_PREDICTION)
    because = _why_may_or_may_not_decide(policy, prediction, draws)
    may_decide = because is Because.CERTIFIED
    if may_decide:
        share = policy.audit_share(prediction.label_class)
        chosen = Route.AUDIT if draws.look < share else Route.AUTOMATIC
    else:
        share = policy.blind_share
        chosen = Route.BLIND if draws.look < share else Route.ASSISTED
    return Routing(
        route=chosen,
        may_decide=may_decide,
        inclusion=share,
        because=because,
        look_share=share,
    )


def _surely_blind(because: Because) -> Routing:
    return Routing(route=Route.BLIND, may_decide=False, inclusion=1.0, because=because)


def _why_may_or_may_not_decide(  # noqa: PLR0911 - one guard a reason reads best
    policy: Policy, prediction: Prediction, draws: Draws
) -> Because:
    """Answer CERTIFIED when the model may decide, else the first thing in the way."""
    if policy.level is AutomationLevel.ASSIST:
        return Because.LEVEL_ASSIST
    if policy.is_held:
        return Because.MONITOR_SILENT
    certificate = policy.certificates.get(prediction.label_class)
    if certificate is None:
        return Because.NO_CERTIFICATE
    if certificate.fingerprint != prediction.fingerprint:
        return Because.OTHER_VERSION
    if policy.level is AutomationLevel.FULL:
        if not certificate.covers_all:
            return Because.NOT_COVERED
        # Over all predictions, unless a manager chose where it begins.
        decides_from = certificate.chosen or 0.0
    else:
        decides_from = certificate.decides_from
    if prediction.confidence < decides_from:
        return Because.UNSURE
    if draws.canary >= policy.canary_share:
        return Because.OUTSIDE_CANARY
    return Because.CERTIFIED


def style_of(policy: Policy, style_draw: float | None) -> AssistStyle:
    """Say when an item's reader meets the prediction; one without a draw, as usual."""
    if style_draw is None or style_draw >= policy.other_style_share:
        return policy.assist_style
    return OTHER_STYLE[policy.assist_style]


def shown_first(
    policy: Policy,
    routed: Route,
    *,
    is_of_deciding_version: bool,
    style_draw: float | None = None,
) -> Shown:
    """Say what an inspector sees before the first answer.

    The weaker of the item's route and the present policy: a level that has fallen, or
    a version that decides no more, hides a prediction that the route would show.
    """
    if not may_reveal(policy, routed, is_of_deciding_version=is_of_deciding_version):
        return Shown.NOTHING
    match style_of(policy, style_draw):
        case AssistStyle.SUGGESTION_FIRST:
            return Shown.SUGGESTION
        case AssistStyle.ANSWER_FIRST:
            return Shown.NOTHING
        case never:
            assert_never(never)


def may_reveal(policy: Policy, routed: Route, *, is_of_deciding_version: bool) -> bool:
    """Say whether the prediction may be shown at all, before or after an answer."""
    return (
        routed is Route.ASSISTED and policy.level.may_suggest and is_of_deciding_version
    )
