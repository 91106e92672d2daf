"""Which places on a picture a workbench may send."""

import json

import pytest

from reviewapp.errors import InvalidInputError
from reviewapp.forms.reviews import OF_MARKS
from reviewapp.modalities.boxes import MOST, read_boxes

DENT = {"class": "dent", "x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4}


def test_boxes_are_read_in_order() -> None:
    other = DENT | {"class": "dust", "x": 0.7, "width": 0.3}
    assert read_boxes(json.dumps([DENT, other]), classes={"dent", "dust"}) == [
        DENT,
        other,
    ]
    assert read_boxes("", classes={"dent"}) == []


@pytest.mark.parametrize(
    ("boxes", "code"),
    [
        ([DENT | {"class": "scratch"}], "unknown_class"),
        ([DENT | {"class": ["dent"]}], "unknown_class"),
        ([DENT | {"x": -0.01}], "box_outside"),
        ([DENT | {"x": 0.71}], "box_outside"),
        ([DENT | {"height": 0.81}], "box_outside"),
        ([DENT | {"width": 0.001}], "box_too_small"),
        ([DENT | {"height": 0}], "box_too_small"),
        ([DENT | {"x": float("nan")}], "bad_box"),
        ([DENT | {"x": float("inf")}], "bad_box"),
        ([DENT | {"x": "0.1"}], "bad_box"),
        ([DENT | {"x": True}], "bad_box"),
        ([DENT | {"note": "x"}], "bad_box"),
        ([[0, 0, 1, 1]], "bad_box"),
        (DENT, "bad_boxes"),
        ([DENT] * (MOST + 1), "too_many_boxes"),
        ([DENT | {"x": 10**400}], "bad_box"),
    ],
)
def test_a_box_that_nobody_could_have_drawn_is_refused(
    boxes: object, code: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_boxes(json.dumps(boxes), classes={"dent"})

    assert refused.value.code == code
    [fault] = refused.value.faults
    # a person is told in their own language, and the number of the mark
    assert OF_MARKS[code] % fault.where


def test_what_is_no_list_of_boxes_is_refused() -> None:
    for text in ("{", "[" * 5_000, "x" * 9_000):
        with pytest.raises(InvalidInputError):
            read_boxes(text, classes={"dent"})
