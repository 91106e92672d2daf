"""The policy of a line: one immutable, numbered row per change."""

from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from reviewapp import policy
from reviewapp.overrides import LONGEST_DAYS
from reviewapp.policy import MOST_OF_OTHER_STYLE, AssistStyle, AutomationLevel


class LevelChoices(models.IntegerChoices):
    """The rungs as a person reads them."""

    MANUAL = AutomationLevel.MANUAL, _("Manual")
    SHADOW = AutomationLevel.SHADOW, _("Shadow")
    ASSIST = AutomationLevel.ASSIST, _("Assist")
    PARTIAL = AutomationLevel.PARTIAL, _("Partial")
    FULL = AutomationLevel.FULL, _("Full")


class AssistStyleChoices(models.TextChoices):
    """When the inspector meets the prediction."""

    ANSWER_FIRST = AssistStyle.ANSWER_FIRST.value, _("Answer first, then reveal")
    SUGGESTION_FIRST = AssistStyle.SUGGESTION_FIRST.value, _("Suggestion first")


class Cause(models.TextChoices):
    """What made a new policy row."""

    CREATED = "created", _("Line created")
    RAISED = "raised", _("Level raised")
    LOWERED = "lowered", _("Level lowered")
    CHANGED = "changed", _("Settings changed")
    GATES = "gates", _("Gates changed")
    FLOOR = "floor", _("Floor of a gate moved")
    VERSION = "version", _("Version changed")
    CERTIFIED = "certified", _("Classes certified")
    TRIAL_CERTIFIED = "trial_certified", _("Candidate certified")
    VOIDED = "voided", _("Certificates void")
    CANARY = "canary", _("Canary share changed")
    NARROWED = "narrowed", _("Canary share narrowed")
    TRIAL = "trial", _("Candidate put on trial")
    SHARED = "shared", _("Candidate decides a share")
    WITHDRAWN = "withdrawn", _("Candidate withdrawn")
    PROMOTED = "promoted", _("Candidate promoted")
    OVERRIDDEN = "overridden", _("Let through past shut gates")
    OVERRIDE_ENDED = "override_ended", _("Override ended")
    LOOKED = "looked", _("Looked at after automatic falls")
    AUDITED = "audited", _("Audit shares set")
    ROLLED_BACK = "rolled_back", _("Rolled back")


class VoidBecause(StrEnum):
    """Why a certificate does not hold any more."""

    AGE = "age"
    ALARM = "alarm"


class PolicyQuerySet(models.QuerySet["Policy"]):
    """Reads of policies."""

    def fallen_by_themselves(self) -> Self:
        """Policies by which an alarm took back, without a person."""
        return self.filter(set_by=None, cause__in=[Cause.LOWERED, Cause.NARROWED])

    def with_signatures(self) -> Self:
        """With who signed, who seconded it, the version and what it is a copy of."""
        return self.select_related("set_by", "motion__answered_by", "live", "copy_of")


class Policy(models.Model):
    """The settings in force on a line from ``created_at`` until the next row.

    ``certificates``, ``audit_shares`` and ``requirements`` hold what the values of the
    same name in ``reviewapp.policy`` hold; ``voided`` lists the certificates that do
    not hold any more, whatever policy comes back, each with its reason.
    ``epoch_began_at`` is where the evidence for the next rise begins; ``attempt``
    counts the epochs of this version here. The candidate's trial began at
    ``candidate_began_at`` and is its ``candidate_attempt`` on this line. ``is_locked``
    says that alarms have taken back so often that nothing widens until a person has
    looked. ``floors`` are those that an admin has moved for this line.

    ``override_number`` is the policy by which an admin and a manager let something
    through past its gates, and ``override_ends_at`` the end they set to it; both stay
    in the policies that follow until it is over.

    ``audit_shares`` follow the day; ``signed_audit_shares`` are those that a person
    signed, to which they return. ``audit_floor`` is the audits a day that the line asks
    for at least, ``audit_reads`` how many people read each. ``reads_per_item``
    people read whatever else comes to people.
    """

    line = models.ForeignKey(
        "reviewapp.ProductLine", on_delete=models.CASCADE, related_name="policies"
    )
    number = models.PositiveIntegerField()
    level = models.PositiveSmallIntegerField(choices=LevelChoices)
    live = models.ForeignKey(
        "reviewapp.ModelVersion",
        null=True,
        on_delete=models.PROTECT,
        related_name="policies_live",
    )
    candidate = models.ForeignKey(
        "reviewapp.ModelVersion",
        null=True,
        on_delete=models.PROTECT,
        related_name="policies_candidate",
    )
    previous = models.ForeignKey(
        "reviewapp.ModelVersion",
        null=True,
        on_delete=models.PROTECT,
        related_name="policies_previous",
    )
    candidate_share = models.FloatField(default=0)
    scoring_share = models.FloatField(default=1)
    candidate_certificates = models.JSONField(default=dict)
    candidate_began_at = models.DateTimeField(null=True)
    candidate_attempt = models.PositiveIntegerField(default=1)
    canary_share = models.FloatField(default=0.05)
    blind_share = models.FloatField(default=0.1)
    audit_shares = models.JSONField(default=dict)
    default_audit_share = models.FloatField(default=0.1)
    signed_audit_shares = models.JSONField(default=dict)
    audit_floor = models.PositiveIntegerField(default=30)
    audit_reads = models.PositiveSmallIntegerField(default=1)
    reads_per_item = models.PositiveSmallIntegerField(default=1, db_default=1)
    overlap_share = models.FloatField(default=0)
    assist_style = models.CharField(
        max_length=16,
        choices=AssistStyleChoices,
        default=AssistStyle.ANSWER_FIRST.value,
    )
    other_style_share = models.FloatField(default=0, db_default=0)
    certificates = models.JSONField(default=dict)
    voided = models.JSONField(default=list)
    requirements = models.JSONField(default=dict)
    floors = models.JSONField(
        default=dict, db_default=models.Value({}, models.JSONField())
    )
    judgement_max_age_s = models.PositiveIntegerField(default=7200)
    epoch_began_at = models.DateTimeField()
    level_began_at = models.DateTimeField()
    share_began_at = models.DateTimeField()
    attempt = models.PositiveIntegerField(default=1)
    is_locked = models.BooleanField(default=False)
    override_number = models.PositiveIntegerField(null=True)
    override_ends_at = models.DateTimeField(null=True)
    cause = models.CharField(max_length=16, choices=Cause)
    reason = models.CharField(max_length=500, blank=True)
    set_by = models.ForeignKey(
        "reviewapp.User", null=True, on_delete=models.PROTECT, related_name="policies"
    )
    copy_of = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="copies"
    )
    evidence = models.JSONField(null=True)
    evidence_sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()

    objects = PolicyQuerySet.as_manager()

    class Meta:
        ordering = ["line", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["line", "number"], name="a_policy_number_is_used_once"
            ),
            models.CheckConstraint(
                condition=models.Q(blind_share__gt=0, blind_share__lte=1)
                & models.Q(default_audit_share__gt=0, default_audit_share__lte=1),
                name="somebody_always_looks",
            ),
            models.CheckConstraint(
                condition=models.Q(canary_share__range=(0, 1))
                & models.Q(candidate_share__range=(0, 1))
                & models.Q(overlap_share__range=(0, 1)),
                name="shares_lie_between_0_and_1",
            ),
            models.CheckConstraint(
                condition=models.Q(audit_reads__range=(1, 2)),
                name="an_audit_is_read_once_or_twice",
            ),
            models.CheckConstraint(
                condition=models.Q(reads_per_item__range=(1, 3)),
                name="an_item_is_read_once_to_three_times",
            ),
            models.CheckConstraint(
                condition=models.Q(other_style_share__range=(0, MOST_OF_OTHER_STYLE)),
                name="the_usual_style_is_the_more_frequent",
            ),
            models.CheckConstraint(
                condition=models.Q(level__range=(0, 4)),
                name="the_ladder_has_five_rungs",
            ),
            models.CheckConstraint(
                condition=models.Q(level=AutomationLevel.MANUAL)
                | models.Q(live__isnull=False),
                name="above_manual_a_version_is_live",
            ),
            models.CheckConstraint(
                condition=models.Q(candidate_share__lte=models.F("scoring_share"))
                & models.Q(scoring_share__lte=1),
                name="a_candidate_decides_only_what_it_scores",
            ),
            models.CheckConstraint(
                condition=models.Q(candidate__isnull=True)
                | models.Q(live__isnull=False, candidate_began_at__isnull=False)
                & ~models.Q(candidate=models.F("live")),
                name="a_candidate_is_on_trial_against_another_version",
            ),
            models.CheckConstraint(
                condition=models.Q(candidate__isnull=False)
                | models.Q(candidate_share=0),
                name="without_a_candidate_none_decides",
            ),
            models.CheckConstraint(
                condition=models.Q(override_number=None, override_ends_at=None)
                | models.Q(
                    override_number__isnull=False,
                    override_ends_at__lte=models.F("created_at")
                    + timedelta(days=LONGEST_DAYS),
                ),
                name="an_override_ends_within_seven_days",
            ),
        ]

    def __str__(self) -> str:
        return f"Policy {self.number}: {self.get_level_display()}"

    @property
    def automation_level(self) -> AutomationLevel:
        """The level, as the policy module knows it."""
        return AutomationLevel(self.level)

    def is_voided(self, key: str, stored: dict[str, Any]) -> bool:
        """Say whether a stored certificate was voided, under this policy or before."""
        grant = (stored["fingerprint"], stored.get("granted_by"))
        return any(
            entry["class"] == key
            and (entry["fingerprint"], entry["granted_by"]) == grant
            for entry in self.voided
        )

    @cached_property
    def last_granted(self) -> dict[str, policy.Certificate]:
        """The live version's last certificates by class, those that are void now too.

        A void one lets nothing be decided; it still says what its version was sure of.
        """
        fingerprint = self.live.fingerprint if self.live else None
        void = [
            (entry["class"], entry["granted_by"])
            for entry in self.voided
            if entry["fingerprint"] == fingerprint
        ]
        granted: dict[int | None, dict[str, Any]] = {}
        if void:
            numbers = [number for _key, number in void]
            for row in Policy.objects.filter(line=self.line_id, number__in=numbers):
                granted[row.number] = row.candidate_certificates | row.certificates
        known = {key: granted.get(number, {}).get(key) for key, number in void}
        return {
            key: policy.Certificate(**stored)
            for key, stored in (known | self.certificates).items()
            if stored and stored["fingerprint"] == fingerprint
        }

    def last_hit_at(self, fingerprint: str) -> datetime | None:
        """Say when an alarm last voided a certificate of a version."""
        hits = [
            datetime.fromisoformat(entry["at"])
            for entry in self.voided
            if entry["fingerprint"] == fingerprint
            and entry["because"] == VoidBecause.ALARM
        ]
        return max(hits, default=None)

    def terms(self, *, is_held: bool = False) -> policy.Policy:
        """Give the row as the value that ``reviewapp.policy`` decides with."""
        return policy.Policy(
            level=self.automation_level,
            live=self.live.fingerprint if self.live else None,
            certificates={
                key: policy.Certificate(**stored)
                for key, stored in self.certificates.items()
                if not self.is_voided(key, stored)
            },
            canary_share=self.canary_share,
            blind_share=self.blind_share,
            audit_shares=self.audit_shares,
            default_audit_share=self.default_audit_share,
            assist_style=AssistStyle(self.assist_style),
            other_style_share=self.other_style_share,
            requirements=requirements_from(self.requirements),
            attempt=self.attempt,
            is_held=is_held,
            is_locked=self.is_locked,
            is_overridden=self.override_number is not None,
            candidate=self.candidate.fingerprint if self.candidate else None,
            candidate_certificates={
                key: policy.Certificate(**stored)
                for key, stored in self.candidate_certificates.items()
                if not self.is_voided(key, stored)
            },
            candidate_share=self.candidate_share,
            scoring_share=self.scoring_share,
        )

    def names(self, version_id: int | None) -> bool:
        """Say whether a version decides items now: the live one, or the candidate."""
        if version_id is None:
            return False
        is_candidates = self.candidate_share > 0 and version_id == self.candidate_id
        return version_id == self.live_id or is_candidates


@lru_cache(maxsize=512)
def policy_by_id(policy_id: int) -> Policy:
    """Give a policy with its versions; rows that never change are read once."""
    return Policy.objects.select_related("live", "candidate").get(pk=policy_id)


def requirements_from(stored: dict[str, Any]) -> policy.Requirements:
    """Give the gates' requirements; what the line does not set is the default."""
    values = dict(stored)
    if "canary_steps" in values:
        values["canary_steps"] = tuple(values["canary_steps"])
    return policy.Requirements(**values)
