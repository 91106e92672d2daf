"""Settling: what people's answers make of an item, as one pure function."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

MOST_READS = 5
# So many readers who cannot tell are enough to ask for an adjudicator.
ENOUGH_UNSURE = 2


class Settling(StrEnum):
    """What becomes of an item after its answers so far."""

    DECIDE = "decide"
    STAND = "stand"
    READ_AGAIN = "read_again"
    ADJUDICATE = "adjudicate"
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The outcome of an item's answers; ``label_class`` only where one is decided."""

    settling: Settling
    label_class: str | None = None


def settle(
    answers: Sequence[str | None],
    *,
    decided_by_model: str | None,
    reads_wanted: int,
    may_adjudicate: bool = False,
) -> Settlement:
    """Say what people's answers make of an item.

    ``answers`` are blind readers' classes in order, ``None`` for "cannot tell". Where
    no model decided, as many equal answers decide as reads were wanted. Where a model
    did, as many equal answers let it stand, and it takes two equal readers to overrule
    it. Once all wanted reads are in and differ, or two could not tell, an adjudicator
    decides, where there is one who may. Whatever is still open is read again, but not
    for ever.
    """
    votes = [answer for answer in answers if answer is not None]
    needed = reads_wanted if decided_by_model is None else 2
    if decided_by_model is not None and votes.count(decided_by_model) >= reads_wanted:
        return Settlement(settling=Settling.STAND)
    if votes and votes.count(votes[-1]) >= needed:
        return Settlement(settling=Settling.DECIDE, label_class=votes[-1])
    differs = len(answers) >= reads_wanted and len(set(votes)) > 1
    unsure = len(answers) - len(votes)
    if may_adjudicate and (differs or unsure >= ENOUGH_UNSURE):
        return Settlement(settling=Settling.ADJUDICATE)
    if len(answers) >= MOST_READS:
        return Settlement(settling=Settling.GIVE_UP)
    return Settlement(settling=Settling.READ_AGAIN)


def adjudicated(answer: str | None) -> Settlement:
    """Say what an adjudicator's answer makes of an item: it decides alone."""
    if answer is None:
        return Settlement(settling=Settling.GIVE_UP)
    return Settlement(settling=Settling.DECIDE, label_class=answer)
