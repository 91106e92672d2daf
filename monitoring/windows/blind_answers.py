"""What several people said of the same items, blind."""

from datetime import datetime

from django.db.models import Count, F, Q

from monitoring.windows.double_reads import given_to_two
from reviewapp.models import Label, ProductLine
from reviewapp.models.labels import AnswerKind
from reviewapp.policy import Shown

# So many of the newest answers are read at most.
NEWEST = 20_000

# By item, by person, the keys of the classes, the one that decides first.
BlindAnswers = dict[int, dict[int, tuple[str, ...] | None]]


def blind_answers(line: ProductLine, *, start: datetime) -> BlindAnswers:
    """Give each item's blind answers by person, of items that two or more have read.

    Returns
    -------
    dict of int to dict
        By item, by person, the keys of the classes, the one that decides first, or
        ``None`` for "cannot tell". The last blind answer counts, so that a slip that
        was taken back is none; what a person said with the prediction in sight counts
        nowhere.
    """
    asked = Q(review__read_number__lte=2) | Q(
        review__read_number__lte=F("item__routing__policy__reads_per_item")
    )
    blind = Label.objects.filter(
        asked,
        given_to_two("item__routing"),
        item__line=line,
        labelled_at__gte=start,
        shown=Shown.NOTHING.value,
    )
    shared = (
        blind.values("item")
        .annotate(readers=Count("inspector", distinct=True))
        .filter(readers__gte=2)
        .values("item")
    )
    newest = (
        blind.filter(item__in=shared)
        .order_by("-pk")
        .values_list("item_id", "inspector_id", "kind", "label_class__key", "also")
    )[:NEWEST]
    found: BlindAnswers = {}
    taken_back: set[tuple[int, int]] = set()
    for item, person, kind, key, also in newest:
        readers = found.setdefault(item, {})
        if person in readers or (item, person) in taken_back:
            continue
        if kind == AnswerKind.RETRACTION:
            taken_back.add((item, person))
            continue
        readers[person] = None if key is None else (key, *also)
    return found
