"""How long people take, and the length of a claim that follows from it.

A claim lasts as long as 99 of 100 answers took, so that hardly anybody loses an item in
front of them, and one that was left behind is free again soon.
"""

from typing import Any

from django.db import connection, transaction

from reviewapp.models import ProductLine, QueueTerms, User
from reviewapp.services.locks import Sweep, try_sweep
from reviewapp.services.records import record

FEWEST, NEWEST = 200, 5_000
SHORTEST_S, LONGEST_S = 60, 1_800

# From when the item was in front to its answer. The newest answers are found by the
# index of what was closed last.
MEASURE = """
SELECT count(*), percentile_disc(0.99) WITHIN GROUP (ORDER BY taken)
FROM (
    SELECT extract(epoch FROM label.labelled_at - label.claimed_at)::float8 AS taken
    FROM (
        SELECT label_id FROM reviewapp_review
        WHERE line_id = %(line)s AND closed_at IS NOT NULL AND label_id IS NOT NULL
        ORDER BY closed_at DESC LIMIT %(newest)s
    ) AS closed
        JOIN reviewapp_label AS label ON label.id = closed.label_id
    WHERE label.claimed_at <= label.labelled_at
) AS answers
"""


def follow_handling() -> int:
    """Measure how long people take on each line; return how many claims changed."""
    changed = 0
    with transaction.atomic():
        if not try_sweep(Sweep.FOLLOW_HANDLING):
            return 0
        for line in ProductLine.objects.in_use().select_related("queue_terms"):
            changed += _follow(line)
    return changed


def _follow(line: ProductLine) -> int:
    with connection.cursor() as cursor:
        cursor.execute(MEASURE, {"line": line.pk, "newest": NEWEST})
        count, handling_s = cursor.fetchone()
    if count < FEWEST:
        return 0
    terms, _is_new = QueueTerms.objects.update_or_create(
        line=line, defaults={"handling_s": handling_s, "handling_of": count}
    )
    wanted = claim_length_of(handling_s)
    if terms.claim_is_fixed or wanted == line.claim_length_s:
        return 0
    ProductLine.objects.filter(pk=line.pk).update(claim_length_s=wanted)
    return 1


def claim_length_of(handling_s: float) -> int:
    """Give the length of a claim, in whole seconds from one minute to thirty."""
    return round(min(max(handling_s, SHORTEST_S), LONGEST_S))


@transaction.atomic
def set_claim_length(line: ProductLine, seconds: int | None, *, by: User) -> None:
    """Fix how long a claim lasts; with ``None`` it follows how long people take."""
    terms = QueueTerms.objects.filter(line=line).first() or QueueTerms(line=line)
    length = seconds
    if seconds is None and terms.handling_s is not None:
        length = claim_length_of(terms.handling_s)
    is_fixed = seconds is not None
    if is_fixed == terms.claim_is_fixed and length in {None, line.claim_length_s}:
        return
    terms.claim_is_fixed = is_fixed
    terms.save()
    details: dict[str, Any] = {"seconds": length, "is_fixed": is_fixed}
    if length is not None:
        ProductLine.objects.filter(pk=line.pk).update(claim_length_s=length)
    record("line.claim_set", actor=by.pseudonym, line=line, details=details)
