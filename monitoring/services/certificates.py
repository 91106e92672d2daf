"""Certifying classes: the thresholds down to which the model keeps its promise."""

from datetime import datetime
from math import pi

from monitoring.stats.selective import certify_threshold, suggested_starts
from monitoring.windows import pairs
from reviewapp.models import Cause, Meaning, Policy, ProductLine, User
from reviewapp.policy import Certificate, Requirements
from reviewapp.services.policies import append_policy

DELTA = 0.05
MAX_REJECT_ERROR = 0.02


def propose_certificates(line: ProductLine) -> dict[str, Certificate]:
    """Certify each class on the blind labels of the live version in this epoch.

    The target comes from the class's meaning; the chance of a broken promise is shared
    by the classes, and by all attempts on the same line and version.
    """
    in_force = line.in_force
    if in_force.live is None:
        return {}
    classes = {c.key: Meaning(c.meaning) for c in line.classes.in_use()}
    attempt = in_force.attempt
    delta = DELTA / max(len(classes), 1)
    if attempt > 1:
        delta *= 6 / (pi * attempt) ** 2
    asked = in_force.terms().requirements
    proposed = {}
    for key, found in pairs.class_pairs(line, in_force).items():
        limit = max_error(classes.get(key, Meaning.NEUTRAL), asked)
        labels = len(found.confidence)
        certified = certify_threshold(
            found.confidence,
            found.wrong,
            max_error=limit,
            delta=delta,
            starts=suggested_starts(labels, max_error=limit, delta=delta),
        )
        if certified is None:
            continue
        proposed[key] = Certificate(
            fingerprint=in_force.live.fingerprint,
            threshold=certified.threshold,
            max_error=limit,
            delta=delta,
            labels=certified.n,
            errors=certified.errors,
            upper=certified.upper,
            covers_all=certified.n == labels,
        )
    return proposed


def max_error(meaning: Meaning, asked: Requirements) -> float:
    """Give the share of wrong decisions that a class may have."""
    match meaning:
        case Meaning.PASS:
            return asked.escape
        case Meaning.REJECT:
            return MAX_REJECT_ERROR
        case _:
            return 1 - asked.agreement


def certify(
    line: ProductLine,
    *,
    by: User | None,
    reason: str,
    seen_policy: int | None = None,
    as_of: datetime | None = None,
) -> Policy:
    """Put the certificates that the evidence gives today into the line's policy."""
    proposed = propose_certificates(line)
    return append_policy(
        line,
        cause=Cause.CERTIFIED,
        by=by,
        reason=reason,
        changes={
            "certificates": {
                key: {
                    name: getattr(certificate, name)
                    for name in Certificate.__dataclass_fields__
                }
                for key, certificate in proposed.items()
            }
        },
        seen_policy=seen_policy,
        as_of=as_of,
    )
