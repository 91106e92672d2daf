"""The unit along an axis: the one in which the largest value is a small number."""

from monitoring.catalogue import Unit

MINUTE, HOUR, DAY = 60, 3600, 86_400
KIBIBYTE, MEBIBYTE, GIBIBYTE = 1024, 1024**2, 1024**3

# From which value on a unit is used, what one of it is worth, and how it is written.
STEPS: dict[Unit, list[tuple[float, float, str]]] = {
    Unit.SHARE: [(0, 0.01, " %")],
    Unit.PER_HOUR: [(0, 1, " /h")],
    Unit.MILLISECONDS: [(0, 1, " ms")],
    Unit.SECONDS: [
        (2 * DAY, DAY, " d"),
        (2 * HOUR, HOUR, " h"),
        (2 * MINUTE, MINUTE, " min"),
        (0, 1, " s"),
    ],
    Unit.BYTES: [
        (GIBIBYTE, GIBIBYTE, " GiB"),
        (MEBIBYTE, MEBIBYTE, " MiB"),
        (0, KIBIBYTE, " KiB"),
    ],
    Unit.PIXELS: [(0, 1, " px")],
    Unit.DECIBELS: [(0, 1, " dB")],
}


def scale_of(unit: Unit, largest: float) -> tuple[float, str]:
    """Give by what an axis multiplies its values, and what it writes after them."""
    for least, worth, suffix in STEPS.get(unit, []):
        if largest >= least:
            return 1 / worth, suffix
    return 1, ""
