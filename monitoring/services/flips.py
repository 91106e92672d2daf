"""Flips: how often a reveal changed an answer, and whether that helped.

A first answer and the one after the reveal are both kept, so that what the model does
to people can be counted. Whether a change helped is said only where others have settled
the item: the decision in force is a person's, and somebody else has read the item blind
and said the same. An item that only the person's own answer settled says nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, QuerySet

from reviewapp.models import AnswerKind, DecidedBy, Label, ProductLine, User
from reviewapp.policy import Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Flips:
    """What became of a person's answers once the prediction was revealed.

    Of the ``changed`` ones, ``helpful`` turned a wrong answer into the right one,
    ``harmful`` a right one into a wrong one, ``neither`` one wrong answer into another.
    ``undetermined`` are those that nobody else has settled.
    """

    revealed: int
    changed: int
    helpful: int
    harmful: int
    neither: int

    @property
    def undetermined(self) -> int:
        """Changes of which nobody can say whether they helped."""
        return self.changed - self.helpful - self.harmful - self.neither


def flips_of(
    inspector: User, line: ProductLine, *, start: datetime, end: datetime
) -> Flips:
    """Count a person's second thoughts on a line in [start, end], and their worth."""
    seconds = _second_thoughts(inspector, line).filter(
        labelled_at__gte=start, labelled_at__lte=end
    )
    revealed = changed = helpful = harmful = neither = 0
    for first, second, truth, is_settled in seconds:
        revealed += 1
        if first == second:
            continue
        changed += 1
        if not is_settled:
            continue
        helpful += second == truth
        harmful += first == truth
        neither += truth not in {first, second}
    return Flips(
        revealed=revealed,
        changed=changed,
        helpful=helpful,
        harmful=harmful,
        neither=neither,
    )


def _second_thoughts(
    inspector: User, line: ProductLine
) -> "QuerySet[Label, tuple[int | None, int | None, int | None, bool]]":
    """Give first answer, second answer and the truth, and whether others settled it."""
    others_blind = Label.objects.filter(
        item=OuterRef("item"),
        label_class=OuterRef("item__decision__label_class"),
        shown=Shown.NOTHING.value,
        superseded_by=None,
        item__decision__decided_by=DecidedBy.PERSON,
    ).exclude(inspector=inspector)
    return (
        Label.objects.filter(
            inspector=inspector,
            review__line=line,
            shown=Shown.REVEAL.value,
            supersedes__shown=Shown.NOTHING.value,
        )
        .exclude(kind=AnswerKind.RETRACTION)
        .exclude(supersedes__kind=AnswerKind.RETRACTION)
        .annotate(
            first=F("supersedes__label_class"),
            truth=F("item__decision__label_class"),
            is_settled=Exists(others_blind),
        )
        .values_list("first", "label_class", "truth", "is_settled")
    )
