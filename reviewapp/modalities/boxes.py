"""Boxes: where on a picture a person saw what the answer says.

Places are shares of the width and height of the picture as it is served, so that they
mean the same on every screen and for whoever trains on them.
"""

import json
from collections.abc import Collection
from typing import NoReturn, TypeAlias

from reviewapp.errors import Fault, InvalidInputError

Box: TypeAlias = dict[str, str | float]

MOST = 50
LONGEST = 8_000
LEAST_SIDE = 0.002
FARTHEST = 2
PLACES = 5
# What a sum of two rounded shares may be above the whole.
SLACK = 2 * 10**-PLACES
SIDES = ("x", "y", "width", "height")


def read_boxes(text: str, *, classes: Collection[str]) -> list[Box]:
    """Read the boxes that were drawn on a picture.

    Parameters
    ----------
    text : str
        A JSON list of objects with ``class`` (a key), ``x``, ``y`` (of the upper left
        corner), ``width`` and ``height``, all four as shares in [0, 1]. Nothing means
        no box.
    classes : collection of str
        Keys of the classes that a box may have.

    Raises
    ------
    InvalidInputError
        ``bad_boxes``: no such list; ``too_many_boxes``: more than 50. With the number
        of the ``mark``: ``bad_box``; ``unknown_class``; ``box_outside``: not wholly
        in the picture; ``box_too_small``: a side under 0.2 % of the picture's.

    Examples
    --------
    >>> read_boxes(
    ...     '[{"class": "dent", "x": 0.1, "y": 0, "width": 0.25, "height": 1}]',
    ...     classes={"dent"},
    ... )
    [{'class': 'dent', 'x': 0.1, 'y': 0.0, 'width': 0.25, 'height': 1.0}]
    """
    if not text:
        return []
    if len(text) > LONGEST:
        _refuse("bad_boxes", f"The marks have {len(text):,} characters.")
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        _refuse("bad_boxes", "The marks are not JSON.")
    if not isinstance(given, list):
        _refuse("bad_boxes", "The marks are no list.")
    if len(given) > MOST:
        message = f"{len(given)} places are marked; at most {MOST} are kept."
        _refuse("too_many_boxes", message, marks=len(given), most=MOST)
    return [_read(box, number, classes) for number, box in enumerate(given, start=1)]


def _read(box: object, number: int, classes: Collection[str]) -> Box:
    if not isinstance(box, dict) or box.keys() != {"class", *SIDES}:
        message = f"Mark {number} holds other values than class, {', '.join(SIDES)}."
        _refuse("bad_box", message, mark=number)
    if not isinstance(box["class"], str) or box["class"] not in classes:
        message = f"Mark {number} has no class that is in use on this line."
        _refuse("unknown_class", message, mark=number)
    for name in SIDES:
        # neither what is no number nor what is beyond every picture
        if type(box[name]) not in {int, float} or not -1 <= box[name] <= FARTHEST:
            message = f"Mark {number}: {name} is no share of the picture."
            _refuse("bad_box", message, mark=number)
    x, y, width, height = (round(float(box[name]), PLACES) for name in SIDES)
    if min(x, y) < 0 or max(x + width, y + height) > 1 + SLACK:
        message = f"Mark {number} is not wholly in the picture."
        _refuse("box_outside", message, mark=number)
    if min(width, height) < LEAST_SIDE:
        message = f"Mark {number} is too small to be seen."
        _refuse("box_too_small", message, mark=number)
    return {"class": box["class"], "x": x, "y": y, "width": width, "height": height}


def _refuse(code: str, message: str, **where: int) -> NoReturn:
    fault = Fault(code=code, message=message, where=where)
    raise InvalidInputError(message, code=code, faults=(fault,))
