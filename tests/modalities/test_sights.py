"""What a workbench may say of its view of a picture."""

import json

import pytest

from reviewapp.errors import InvalidInputError
from reviewapp.modalities.sights import Sight, read_sight

CLOSE = {
    "zoom": 2,
    "x": 0.25,
    "y": 0.5,
    "brightness": 1,
    "contrast": 1.5,
    "inverted": False,
}


def test_the_picture_as_it_is_takes_no_room() -> None:
    assert read_sight("") == Sight()
    assert Sight().as_json() is None


def test_a_view_is_read_and_rounded() -> None:
    sight = read_sight(json.dumps(CLOSE | {"x": 0.123456789}))

    assert sight.as_json() == CLOSE | {"x": 0.1235}


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{}",
        "null",
        "nonsense",
        "[" * 150,
        json.dumps(CLOSE | {"zoom": 65}),
        json.dumps(CLOSE | {"zoom": float("nan")}),
        json.dumps(CLOSE | {"zoom": float("inf")}),
        json.dumps(CLOSE | {"zoom": "2"}),
        json.dumps(CLOSE | {"zoom": True}),
        json.dumps(CLOSE | {"x": -0.1}),
        json.dumps(CLOSE | {"inverted": 1}),
        json.dumps(CLOSE | {"more": 1}),
        json.dumps(CLOSE) + " " * 200,
    ],
)
def test_a_view_that_no_workbench_has_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_sight(text)

    assert refused.value.code == "bad_sight"
