"""How a picture was looked at: how close, where, and with which tones.

A detail that is seen eight times as large and lightened is another sight than the whole
picture as it is, and whoever trains on the label may want to know which it was.
"""

import json
from dataclasses import asdict, dataclass
from typing import NoReturn

from reviewapp.errors import InvalidInputError

LONGEST = 200
PLACES = 4
# The least and the most that the workbench offers.
RANGES = {
    "zoom": (0.02, 64.0),
    "x": (0.0, 1.0),
    "y": (0.0, 1.0),
    "brightness": (0.25, 4.0),
    "contrast": (0.25, 4.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A view of a picture; as it stands here, the whole of it with its own tones.

    ``zoom`` is 1 where the whole picture just fits; ``x`` and ``y`` say which point
    stands in the middle, as shares of its width and height; ``brightness`` and
    ``contrast`` multiply.
    """

    zoom: float = 1.0
    x: float = 0.5
    y: float = 0.5
    brightness: float = 1.0
    contrast: float = 1.0
    inverted: bool = False

    def as_json(self) -> dict[str, float | bool] | None:
        """Give it as it is stored: ``None`` for the whole picture as it is."""
        return None if self == Sight() else asdict(self)


def read_sight(text: str) -> Sight:
    """Read what a workbench says of its view; nothing means the picture as it is.

    Raises
    ------
    InvalidInputError
        ``bad_sight``: not an object of exactly these values, or one out of its range.

    Examples
    --------
    >>> read_sight("") == Sight()
    True
    >>> read_sight('{"zoom": 2, "x": 0.25, "y": 0.5, "brightness": 1, "contrast": 1.5, '
    ...            '"inverted": false}').as_json()["contrast"]
    1.5
    """
    if not text:
        return Sight()
    if len(text) > LONGEST:
        _refuse(f"it has {len(text)} characters")
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        _refuse("it is not JSON")
    names = {*RANGES, "inverted"}
    if not isinstance(given, dict) or given.keys() != names:
        _refuse(f"it holds other values than {', '.join(sorted(names))}")
    if not isinstance(given["inverted"], bool):
        _refuse("inverted is neither true nor false")
    for name, (low, high) in RANGES.items():
        value = given[name]
        is_number = type(value) in {int, float}
        if not is_number or not low <= value <= high:
            _refuse(f"{name} is not between {low:g} and {high:g}")
    numbers = {name: round(float(given[name]), PLACES) for name in RANGES}
    return Sight(**numbers, inverted=given["inverted"])


def _refuse(why: str) -> NoReturn:
    raise InvalidInputError(f"The view of the picture: {why}.", code="bad_sight")
