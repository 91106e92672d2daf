"""When somebody reads so much slower, or worse, that a break should come sooner.

Values go in, a yes or no comes out. Nobody is told which of the two it was: a break
that came for gold alone would tell that gold was among the items.
"""

from math import comb

# The last minutes of a shift that are held against the person's own band, which is the
# middle half of the own times before the shift.
LATELY_MIN = 20
FEWEST_LATELY = 20
FEWEST_BEFORE = 100
# Slower than the band is the middle time that lies this many times above its upper end.
WELL_ABOVE = 1.5

LAST_READS = 10
FEWEST_WRONG = 3
# So many wrong or more come by chance alone in at most this share of shifts.
BY_CHANCE = 0.05
USUALLY_WRONG = 0.1


def is_slower(
    middle_ms: float | None, *, answers: int, band_high_ms: float | None, before: int
) -> bool:
    """Say whether the times of the last minutes lie well above the person's own band.

    Without enough answers lately, or before the shift, nobody can say.
    """
    if middle_ms is None or band_high_ms is None:
        return False
    is_known = answers >= FEWEST_LATELY and before >= FEWEST_BEFORE
    return is_known and middle_ms > WELL_ABOVE * band_high_ms


def reads_worse(*, reads: int, wrong: int, known_reads: int, known_wrong: int) -> bool:
    """Say whether a person gets more of the last known items wrong than usual.

    What is usual is the person's own, from enough reads before on; else one in ten.
    """
    if reads < LAST_READS or wrong < FEWEST_WRONG:
        return False
    usual = (
        (known_wrong + 1) / (known_reads + 2)
        if known_reads >= FEWEST_BEFORE
        else USUALLY_WRONG
    )
    by_chance = sum(
        comb(reads, k) * usual**k * (1 - usual) ** (reads - k)
        for k in range(wrong, reads + 1)
    )
    return by_chance <= BY_CHANCE
