"""Choosing thresholds: stricter than what is certified, never looser."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from reviewapp.errors import ConflictError, GateShutError, InvalidInputError
from reviewapp.models import Cause, Policy, ProductLine, User
from reviewapp.services.policies import append_policy


def choose_thresholds(
    line: ProductLine,
    chosen: Mapping[str, float | None],
    *,
    canary_share: float,
    blind_share: float,
    audit_shares: Mapping[str, float],
    by: User,
    reason: str,
    seen_policy: int,
    evidence: dict[str, Any] | None = None,
) -> Policy:
    """Put thresholds and shares in force that the certificates and gates allow.

    ``None`` decides from the certified threshold. A class that is not named keeps what
    it has, and one without a certificate has nothing to choose: what was only tried out
    is not signed. The canary share may narrow; wider it goes only through its gates.

    Raises
    ------
    GateShutError
        If a class has no certificate of the live version, a threshold is looser than
        the certified one, or the canary share would be wider.
    StalePolicyError
        If the policy has moved on since the page was shown.
    """
    in_force = line.in_force
    if not reason.strip():
        raise InvalidInputError(
            _("Say why the policy is changed."), code="reason_missing"
        )
    if canary_share > in_force.canary_share:
        raise GateShutError(
            _(
                "The canary share of %(line)s is %(share)s. A wider "
                "one goes through its own gates, step by step."
            )
            % {"line": line.name, "share": f"{in_force.canary_share:.0%}"}
        )
    terms = in_force.terms()
    certificates = dict(in_force.certificates)
    for key, threshold in chosen.items():
        held = terms.certificates.get(key)
        if held is None or held.fingerprint != terms.live:
            if threshold is None:
                continue
            raise GateShutError(
                _(
                    "The class %(key)s has no certificate of the live version. "
                    "Certify it first."
                )
                % {"key": key}
            )
        if threshold is not None and threshold < held.threshold:
            raise GateShutError(
                _(
                    "The threshold %(threshold)s of %(key)s is looser than the "
                    "certified %(certified)s. It may be stricter, never looser."
                )
                % {"threshold": threshold, "key": key, "certified": held.threshold}
            )
        if threshold != held.chosen:
            certificates[key] = in_force.certificates[key] | {"chosen": threshold}
    signed = in_force.signed_audit_shares or in_force.audit_shares
    newly = {k: v for k, v in audit_shares.items() if v != terms.audit_share(k)}
    changes: dict[str, Any] = {
        "signed_audit_shares": signed | newly,
        "certificates": certificates,
        "canary_share": canary_share,
        "blind_share": blind_share,
        "audit_shares": in_force.audit_shares | dict(audit_shares),
    }
    different = {
        name: value
        for name, value in changes.items()
        if value != getattr(in_force, name)
    }
    if not newly:
        different.pop("signed_audit_shares", None)
    if not different:
        raise ConflictError(_("Nothing would change."), code="nothing_to_change")
    return append_policy(
        line,
        cause=Cause.CHANGED,
        by=by,
        reason=reason.strip(),
        changes=different,
        seen_policy=seen_policy,
        evidence=evidence,
    )
