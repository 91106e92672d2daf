"""Spans of a text: which are taken, and how the text is cut where they lie."""

import pytest

from reviewapp.errors import InvalidPayloadError
from reviewapp.modalities.spans import MOST, parts_of, read_spans

TEXT = "Win £50 now"


@pytest.mark.parametrize(
    "given",
    [
        {},
        "spans",
        [{"start": 0}],
        [[0, 3]],
        [[0, 3, 4]],
        [[0.0, 3, "a"]],
        [[True, 3, "a"]],
        [[-1, 3, "a"]],
        [[3, 3, "a"]],
        [[3, 2, "a"]],
        [[0, 12, "a"]],
        [[0, 3, " "]],
        [[0, 3, "a" * 61]],
        [[0, 3, "a\n"]],
        [[0, 3, "a\u202e"]],
        [[0, 3, "a"]] * (MOST + 1),
    ],
)
def test_what_lies_in_no_text_is_refused(given: object) -> None:
    with pytest.raises(InvalidPayloadError) as refused:
        read_spans(given, TEXT)

    assert refused.value.code == "bad_spans"


def test_a_text_is_cut_at_its_spans_and_loses_nothing() -> None:
    spans = read_spans([[4, 7, "money"], [0, 7, " offer "], [4, 7, "sum"]], TEXT)

    parts = parts_of(TEXT, spans)

    assert [(part.text, part.labels) for part in parts] == [
        ("Win ", ("offer",)),
        ("£50", ("money", "offer", "sum")),
        (" now", ()),
    ]
    assert "".join(part.text for part in parts) == TEXT
