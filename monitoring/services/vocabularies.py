"""Vocabularies: the words of one half of a reference, and how new the other half is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitoring.windows.samples import by_lot
from reviewapp.modalities.text import commonest_words, out_of_vocabulary
from reviewapp.models import Item
from reviewapp.models.vocabularies import MOST_WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The known words, and the share of new ones in each item of the other half.

    ``shares`` are in [0, 1], by the item's id.
    """

    words: Sequence[str]
    shares: Mapping[int, float]


def choose_vocabulary(items: Sequence[int]) -> Chosen | None:
    """Choose words by one half of some texts, by lot, and measure the other half.

    ``None`` where a half is empty or without a word. The texts that chose the words
    have no new ones: beside them each later text would look strange.
    """
    drawn = by_lot(Item.objects.filter(pk__in=items, payload__isnull=False))
    texts = list(drawn.values_list("pk", "payload__text"))
    choosing, kept = texts[::2], texts[1::2]
    words = commonest_words((text for _pk, text in choosing), most=MOST_WORDS)
    if not words or not kept:
        return None
    known = frozenset(words)
    shares = {pk: out_of_vocabulary(text, known) for pk, text in kept}
    return Chosen(words=words, shares=shares)
