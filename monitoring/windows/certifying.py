"""The labels that thresholds are certified on: each class's, evenly drawn.

An item counts as people settled it, and never for a version that it trained. Items of
one class have had different chances of a blind label: audits one, the items left to
people another. Counted together they would give the surer or the less sure answers too
much weight. So of each policy's items only those stay whose look was drawn below the
smallest share of that policy: they had the same chance, whatever the confidence.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.db.models import Exists, OuterRef, QuerySet

from monitoring.windows.streams import first_blind
from reviewapp.models import (
    Meaning,
    ModelVersion,
    Policy,
    ProductLine,
    Review,
    SnapshotRow,
)
from reviewapp.policy import Policy as Terms

LARGEST_SAMPLE = 20_000
FIELDS = (
    "item__predictions__label_class__key",
    "item__predictions__label_class__meaning",
    "item__predictions__confidence",
    "settled",
    "settled_meaning",
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
    return _evenly_drawn(in_force, in_force.live, blind, Terms.least_inclusion_of)


def candidate_labels(line: ProductLine, in_force: Policy) -> dict[str, ClassLabels]:
    """Give the evidence for thresholds of the candidate, by the class it predicted.

    Blind labels given since its trial began, of items that it had answered by then.
    Who looked was drawn by what the live version said; so only those items stay that
    somebody would have looked at blind whatever it said.
    """
    if in_force.candidate is None or in_force.candidate_began_at is None:
        return {}
    blind = first_blind(line, in_force.candidate).filter(
        closed_at__gte=in_force.candidate_began_at
    )
    return _evenly_drawn(in_force, in_force.candidate, blind, _least_share)


def _evenly_drawn(
    in_force: Policy,
    version: ModelVersion,
    blind: QuerySet[Review],
    share_of: Callable[[Terms, str], float],
) -> dict[str, ClassLabels]:
    hit_at = in_force.last_hit_at(version.fingerprint)
    if hit_at is not None:
        blind = blind.filter(closed_at__gt=hit_at)
    if version.snapshot_id is not None:
        trained_on = SnapshotRow.objects.filter(
            snapshot=version.snapshot_id, label__item=OuterRef("item")
        )
        blind = blind.exclude(Exists(trained_on))
    newest = blind.order_by("-closed_at", "-pk").values_list(*FIELDS)
    rows: list[Row] = list(newest[:LARGEST_SAMPLE])
    policies = Policy.objects.filter(pk__in={row[6] for row in rows})
    terms = {
        policy.pk: policy.terms()
        for policy in policies.select_related("live", "candidate")
    }
    by_class: dict[str, list[Row]] = {}
    for row in rows:
        if row[5] < share_of(terms[row[6]], row[0]):
            by_class.setdefault(row[0], []).append(row)
    return {key: _labels(found) for key, found in by_class.items()}


def _least_share(terms: Terms, _key: str) -> float:
    return terms.least_inclusion()


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
