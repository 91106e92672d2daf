"""Proposals: a whole policy as somebody would have it, and where each class stands."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from monitoring.promises import Promise
from monitoring.services.certificates import attempt_number, promises
from monitoring.services.voiding import grant_of
from monitoring.stats.operating import OperatingCurve, operating_curve
from monitoring.windows.certifying import ClassLabels
from reviewapp.models import LabelClass, ModelVersion, Policy, ProductLine
from reviewapp.models.policies import VoidBecause
from reviewapp.policy import AutomationLevel, Certificate
from reviewapp.policy import Policy as Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What is proposed; thresholds of classes not named stay as they are."""

    level: AutomationLevel
    thresholds: Mapping[str, float | None]
    canary_share: float
    blind_share: float
    audit_shares: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassState:
    """Where a class of a line stands: its labels, its promise, its certificate.

    ``voided`` is the last certificate of the version that was voided, ``missing``
    the labels that are lacking until certifying can show anything, all of them right.
    """

    label_class: LabelClass
    promise: Promise
    labels: int
    wrong: int
    missing: int
    curve: OperatingCurve | None
    certificate: Certificate | None
    granted: Policy | None
    valid_until: datetime | None
    voided: VoidBecause | None
    voided_at: datetime | None


def present(line: ProductLine) -> Proposal:
    """Give the policy in force as a proposal, seen at PARTIAL while it stands below."""
    terms = line.in_force.terms()
    return Proposal(
        level=max(terms.level, AutomationLevel.PARTIAL),
        thresholds={},
        canary_share=terms.canary_share,
        blind_share=terms.blind_share,
        audit_shares={},
    )


def proposed_terms(terms: Terms, proposal: Proposal) -> Terms:
    """Give the policy that a proposal would make.

    A threshold typed for a class that has no certificate is played through all the
    same: to see what it would do is no promise that it may.
    """
    certificates = dict(terms.certificates)
    for key, threshold in proposal.thresholds.items():
        held = certificates.get(key)
        if held is not None and held.fingerprint == terms.live:
            certificates[key] = replace(held, chosen=threshold)
        elif threshold is not None:
            certificates[key] = _supposed(terms, threshold)
    return replace(
        terms,
        level=proposal.level,
        certificates=certificates,
        canary_share=proposal.canary_share,
        blind_share=proposal.blind_share,
        audit_shares={**terms.audit_shares, **proposal.audit_shares},
    )


def _supposed(terms: Terms, threshold: float) -> Certificate:
    return Certificate(
        fingerprint=terms.live or "",
        threshold=threshold,
        max_error=1.0,
        delta=1.0,
        labels=0,
        errors=0,
        upper=1.0,
    )


def class_states(
    line: ProductLine, labels: Mapping[str, ClassLabels]
) -> list[ClassState]:
    """Say of each class in use where it stands with the live version."""
    in_force = line.in_force
    if in_force.live is None:
        return []
    held = {
        key: certificate
        for key, certificate in in_force.terms().certificates.items()
        if certificate.fingerprint == in_force.live.fingerprint
    }
    return _states(line, in_force.live, labels, held=held)


def candidate_states(
    line: ProductLine, labels: Mapping[str, ClassLabels]
) -> list[ClassState]:
    """Say of each class in use where it stands with the candidate."""
    in_force = line.in_force
    if in_force.candidate is None:
        return []
    held = in_force.terms().candidate_certificates
    return _states(line, in_force.candidate, labels, held=held)


def _states(
    line: ProductLine,
    version: ModelVersion,
    labels: Mapping[str, ClassLabels],
    *,
    held: Mapping[str, Certificate],
) -> list[ClassState]:
    asked = promises(line, attempt=attempt_number(line, version))
    grants = {
        policy.number: policy
        for policy in line.policies.filter(
            number__in=[c.granted_by for c in held.values() if c.granted_by]
        ).select_related("set_by")
    }
    return [
        _state(
            line,
            version,
            label_class,
            promise=asked[label_class.key],
            found=labels.get(label_class.key),
            held=held.get(label_class.key),
            grants=grants,
        )
        for label_class in line.classes.in_use()
    ]


def _state(
    line: ProductLine,
    version: ModelVersion,
    label_class: LabelClass,
    *,
    promise: Promise,
    found: ClassLabels | None,
    held: Certificate | None,
    grants: Mapping[int, Policy],
) -> ClassState:
    key = label_class.key
    count = found.labels if found else 0
    void = None if held else _last_voided(line.in_force, version, key)
    return ClassState(
        label_class=label_class,
        promise=promise,
        labels=count,
        wrong=int(found.wrong.sum()) if found else 0,
        missing=max(promise.fewest - count, 0),
        curve=operating_curve(found.confidence, found.wrong) if found else None,
        certificate=held,
        granted=grants.get(held.granted_by or 0) if held else None,
        valid_until=grant_of(line, key, asdict(held)).valid_until if held else None,
        voided=VoidBecause(void["because"]) if void else None,
        voided_at=datetime.fromisoformat(void["at"]) if void else None,
    )


def _last_voided(
    in_force: Policy, version: ModelVersion, key: str
) -> dict[str, Any] | None:
    of_class = [
        entry
        for entry in in_force.voided
        if (entry["class"], entry["fingerprint"]) == (key, version.fingerprint)
    ]
    return of_class[-1] if of_class else None
