"""The addresses of shifts and disputes: who gets what, and one row for each of them."""

from datetime import UTC, datetime

from reviewapp.models import Dispute, GoldItem, GoldRead, GoldRun, Shift

# As in the table of all addresses, whose part this is. A shift is its person's alone:
# for everybody else it is not there, whatever the role.
OF_SHIFTS = {
    "line-breaks": (403, 422, 403, 403),
    "line-shifts": (200, 403, 403, 403),
    "shift-end": (302, 403, 403, 403),
    "shift": (404, 404, 404, 404),
    "told-medium": (404, 403, 403, 403),
    "gold-dispute": (404, 403, 403, 403),
    "otherwise-medium": (404, 403, 403, 403),
    "decision-dispute": (409, 403, 403, 403),
    "line-disputes": (403, 200, 403, 403),
    "dispute-answer": (403, 422, 403, 403),
}
CHANGE_SOMETHING = [
    "line-breaks",
    "shift-end",
    "gold-dispute",
    "decision-dispute",
    "dispute-answer",
]


def make_rows(gold: GoldItem, run: GoldRun) -> dict[str, int]:
    """Give a person a shift, gold to read and a dispute; return the addresses' ids."""
    line, person, at = gold.line, run.inspector, datetime.now(UTC)
    read = GoldRead.objects.create(gold=gold, inspector=person, use=run.use, run=run)
    dispute = Dispute.objects.create(
        line=line,
        item=gold.item,
        gold_read=read,
        said=line.classes.get(key="scratch"),
        stands=gold.label_class,
        raised_by=person,
        reason="It is no mark of the glass.",
    )
    shift = Shift.objects.create(
        line=line, inspector=person, began_at=at, ended_at=at, end="ended"
    )
    return {
        "dispute_id": dispute.pk,
        "label_id": 1,
        "read_id": read.pk,
        "shift_id": shift.pk,
    }
