"""Certifying classes: the thresholds down to which the model keeps its promise."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import numpy as np
from django.db.models import Q
from django.utils.translation import gettext as _

from monitoring.promises import Promise, certificate_from, delta_of
from monitoring.windows.certifying import ClassLabels, candidate_labels, class_labels
from reviewapp.errors import ConflictError, InvalidInputError
from reviewapp.models import Cause, Meaning, ModelVersion, Policy, ProductLine, User
from reviewapp.policy import Certificate, Requirements
from reviewapp.services.policies import append_policy

MAX_REJECT_ERROR = 0.02


def promises(line: ProductLine, *, attempt: int) -> dict[str, Promise]:
    """Give what each class in use would promise at an attempt.

    The target comes from the class's meaning; the chance of a broken promise is shared
    by the classes, and by all attempts on the same line and version.
    """
    asked = line.in_force.terms().requirements
    meanings = {c.key: Meaning(c.meaning) for c in line.classes.in_use()}
    delta = delta_of(attempt=attempt, classes=len(meanings))
    return {
        key: Promise(max_error=max_error(meaning, asked), delta=delta)
        for key, meaning in meanings.items()
    }


def attempt_number(line: ProductLine, version: ModelVersion) -> int:
    """Number the next attempt: every signing counts, also one that certified nothing.

    Labels that were tried once are tried again by the next attempt, and a new epoch
    gives another chance too; so it is the signings that are counted, not the epochs.
    """
    is_its_own = Q(cause=Cause.CERTIFIED, live=version) | Q(
        cause=Cause.TRIAL_CERTIFIED, candidate=version
    )
    return 1 + line.policies.filter(is_its_own).count()


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
    """Spend an attempt: put the certificates that the labels give into the policy.

    1. Refuse while no class has the fewest labels with which anything could be shown.
    2. Certify each class on the blind labels of the live version in this epoch.
    3. A class for which this attempt shows nothing keeps the certificate it has; a
       stricter threshold that was chosen stays the stricter one.
    4. Append the policy with the frozen evidence. The attempt counts either way.

    Raises
    ------
    StalePolicyError
        If the policy has moved on since the page was shown.
    """
    in_force = line.in_force
    if in_force.live is None:
        raise ConflictError(
            _("%(line)s has no live version to certify.") % {"line": line.name}
        )
    number = seen_policy or in_force.number
    spent = _spend(
        line,
        in_force.live,
        class_labels(line, in_force),
        held=in_force.terms().certificates,
        reason=reason,
        number=number,
    )
    return append_policy(
        line,
        cause=Cause.CERTIFIED,
        by=by,
        reason=reason.strip(),
        changes={"certificates": in_force.certificates | spent.granted},
        seen_policy=number,
        evidence=spent.frozen,
        as_of=as_of,
    )


def certify_candidate(
    line: ProductLine,
    *,
    by: User | None,
    reason: str,
    seen_policy: int | None = None,
    as_of: datetime | None = None,
) -> Policy:
    """Spend an attempt of the version on trial, on its own blind labels.

    As ``certify``; the certificates are bound to its hash, and wait with the candidate.
    They let it decide nothing: it inherits, or is given a share, through gates of its
    own, and brings them along then.

    Raises
    ------
    ConflictError
        If no version is on trial, or no class has labels enough.
    """
    in_force = line.in_force
    if in_force.candidate is None:
        raise ConflictError(
            _("No version is on trial on %(line)s.") % {"line": line.name}
        )
    number = seen_policy or in_force.number
    spent = _spend(
        line,
        in_force.candidate,
        candidate_labels(line, in_force),
        held=in_force.terms().candidate_certificates,
        reason=reason,
        number=number,
    )
    return append_policy(
        line,
        cause=Cause.TRIAL_CERTIFIED,
        by=by,
        reason=reason.strip(),
        changes={
            "candidate_certificates": in_force.candidate_certificates | spent.granted
        },
        seen_policy=number,
        evidence=spent.frozen,
        as_of=as_of,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spent:
    """What an attempt gave: certificates as a policy stores them, and its evidence."""

    granted: dict[str, dict[str, Any]]
    frozen: dict[str, Any]


def _spend(
    line: ProductLine,
    version: ModelVersion,
    labels: Mapping[str, ClassLabels],
    *,
    held: Mapping[str, Certificate],
    reason: str,
    number: int,
) -> _Spent:
    if not reason.strip():
        raise InvalidInputError(_("Say why the classes are certified."))
    attempt = attempt_number(line, version)
    asked = promises(line, attempt=attempt)
    found = {key: one for key, one in labels.items() if key in asked}
    if not any(one.labels >= asked[key].fewest for key, one in found.items()):
        raise ConflictError(
            _("No class of %(line)s has labels enough: %(counts)s.")
            % {
                "line": line.name,
                "counts": ", ".join(
                    _("%(key)s %(n)s of %(fewest)s")
                    % {
                        "key": key,
                        "n": found[key].labels if key in found else 0,
                        "fewest": one.fewest,
                    }
                    for key, one in asked.items()
                ),
            },
            code="too_few_labels",
        )
    granted = {
        key: _keeping_choice(certificate, held.get(key))
        for key, one in found.items()
        for certificate in [
            certificate_from(
                one.confidence,
                one.wrong,
                asked[key],
                fingerprint=version.fingerprint,
                granted_by=number + 1,
            )
        ]
        if certificate is not None
    }
    return _Spent(
        granted={key: asdict(certificate) for key, certificate in granted.items()},
        frozen=_frozen(found, asked, granted, attempt=attempt, version=version),
    )


def _keeping_choice(new: Certificate, old: Certificate | None) -> Certificate:
    """Carry over a stricter choice of the same version: certifying loosens none."""
    if old is None or old.chosen is None or old.fingerprint != new.fingerprint:
        return new
    values = asdict(new) | {"chosen": max(old.chosen, new.threshold)}
    return Certificate(**values)


def _frozen(
    found: Mapping[str, ClassLabels],
    asked: Mapping[str, Promise],
    granted: Mapping[str, Certificate],
    *,
    attempt: int,
    version: ModelVersion,
) -> dict[str, Any]:
    """Give what an attempt rested on, as it is stored with the policy and hashed."""
    classes = {}
    for key, promise in asked.items():
        labels = found.get(key)
        certificate = granted.get(key)
        classes[key] = asdict(promise) | {
            "fewest": promise.fewest,
            "labels": labels.labels if labels else 0,
            "wrong": int(labels.wrong.sum()) if labels else 0,
            "labels_sha256": _sha256(labels) if labels else "",
            "threshold": certificate.threshold if certificate else None,
        }
    return {
        "attempt": attempt,
        "fingerprint": version.fingerprint,
        "labels": sum(one.labels for one in found.values()),
        "classes": classes,
    }


def _sha256(labels: ClassLabels) -> str:
    """Hash the labels themselves, in an order of their own."""
    order = np.lexsort((labels.wrong, labels.confidence))
    confidence = labels.confidence[order].astype("<f8").tobytes()
    return sha256(confidence + labels.wrong[order].tobytes()).hexdigest()
