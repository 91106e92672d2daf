"""A number that stands for a row."""

# No row's number has more digits than this.
MOST_DIGITS = 18


def whole_number(text: str) -> int | None:
    """Read a row's number from an address or a form; ``None`` if it is none."""
    is_one = text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
    return int(text) if is_one else None
