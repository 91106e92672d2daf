"""The labels that thresholds are certified on: each class's, evenly drawn.

An item counts as people settled it, and never for a version that it trained. Items of
one class have had different chances of a blind label: audits one, the items left to
people another. Counted together they would give the surer or the less sure answers too
much weight. So of each policy's items only those stay whose look was drawn below the
smallest share of that policy: they had the same chance, whatever the confidence.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.db.models import Exists, OuterRef

from monitoring.windows.streams import first_blind
from reviewapp.models import Meaning, Policy, ProductLine, SnapshotRow
from reviewapp.policy import AutomationLevel

LARGEST_SAMPLE = 20_000
FIELDS = (
    "item__predictions__label_class__key",
    "item__predictions__label_class__meaning",
    "item__predictions__confidence",
    "said",
    "said_meaning",
    "item__routing__look_draw",
    "item__routing__policy_id",
)
OPPOSITE = {Meaning.PASS: Meaning.REJECT, Meaning.REJECT: Meaning.PASS}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassLabels:
    """What people said where the model answered one class, and how sure it was.

    ``wrong`` in any way; ``harmful`` where the item would have been an escape or
    overkill: passed and to be rejected, or the other way round. What nobody could tell
    is both.
    """

    confidence: npt.NDArray[np.float64]
    wrong: npt.NDArray[np.bool_]
    harmful: npt.NDArray[np.bool_]

    @property
    def labels(self) -> int:
        """How many labels there are."""
        return int(self.wrong.size)


Row = tuple[str, str, float | None, str | None, str | None, float, int]


def class_labels(line: ProductLine, in_force: Policy) -> dict[str, ClassLabels]:
    """Give the evidence for thresholds of the live version, by predicted class.

    Blind labels of the present evidence epoch, the newest 20,000 at most; after an
    alarm voided a certificate, only those given since. What was said before the change
    does not speak for what comes after it.
    """
    if in_force.live is None:
        return {}
    blind = first_blind(line, in_force.live).filter(
        label__policy__attempt=in_force.attempt, label__policy__live=in_force.live
    )
    hit_at = in_force.last_hit_at(in_force.live.fingerprint)
    if hit_at is not None:
        blind = blind.filter(closed_at__gt=hit_at)
    if in_force.live.snapshot_id is not None:
        trained_on = SnapshotRow.objects.filter(
            snapshot=in_force.live.snapshot_id, label__item=OuterRef("item")
        )
        blind = blind.exclude(Exists(trained_on))
    newest = blind.order_by("-closed_at", "-pk").values_list(*FIELDS)
    rows: list[Row] = list(newest[:LARGEST_SAMPLE])
    shares = _EvenShares(line, {row[6] for row in rows})
    by_class: dict[str, list[Row]] = {}
    for row in rows:
        if row[5] < shares.of(row[6], row[0]):
            by_class.setdefault(row[0], []).append(row)
    return {key: _labels(found) for key, found in by_class.items()}


def _labels(rows: list[Row]) -> ClassLabels:
    return ClassLabels(
        confidence=np.array([row[2] or 0.0 for row in rows], dtype=np.float64),
        wrong=np.array([row[0] != row[3] for row in rows], dtype=bool),
        harmful=np.array([_is_harmful(row) for row in rows], dtype=bool),
    )


def _is_harmful(row: Row) -> bool:
    predicted, meaning, said, said_meaning = row[0], row[1], row[3], row[4]
    if said is None or said_meaning is None:
        return True
    opposite = OPPOSITE.get(Meaning(meaning))
    return predicted != said if opposite is None else said_meaning == opposite


class _EvenShares:
    """The share that every item of a class had at least, policy by policy."""

    def __init__(self, line: ProductLine, policy_ids: Iterable[int]) -> None:
        found = line.policies.filter(pk__in=policy_ids).select_related("live")
        self.terms = {policy.pk: policy.terms() for policy in found}

    def of(self, policy_id: int, key: str) -> float:
        """Give the smallest share under one policy; 1 where everything was drawn."""
        terms = self.terms[policy_id]
        if terms.level <= AutomationLevel.SHADOW:
            return 1.0
        if terms.level is AutomationLevel.ASSIST or key not in terms.certificates:
            return terms.blind_share
        return min(terms.blind_share, terms.audit_share(key))
