"""Snapshots: what leaves as a class was said to be one."""

import csv
from io import StringIO

import pytest

from reviewapp.errors import InvalidInputError
from reviewapp.models import ProductLine, User
from reviewapp.services import datasets, lines
from tests import factories


def test_cannot_tell_never_leaves_as_a_class(
    line: ProductLine, ana: User, ben: User, mia: User
) -> None:
    factories.make_item(line)
    factories.label_next(ana, line, None)
    factories.label_next(ben, line, "scratch")
    snapshot = datasets.take_snapshot(line, by=mia)

    rows = list(datasets.rows_of(snapshot))
    table = b"".join(datasets.export_csv(snapshot)).decode("utf-8-sig")
    cells = list(csv.DictReader(StringIO(table)))

    assert [(row["label"], row["answer"]) for row in rows] == [
        (None, "cannot_tell"),
        ("scratch", "class"),
    ]
    assert [(row["label"], row["answer"]) for row in cells] == [
        ("", "cannot_tell"),
        ("scratch", "class"),
    ]


@pytest.mark.parametrize("name", ["Cannot tell", "cannot-tell", "CANNOT_TELL"])
def test_no_class_is_called_as_what_every_line_has(
    line: ProductLine, mia: User, name: str
) -> None:
    with pytest.raises(InvalidInputError, match="answer on every line"):
        lines.add_classes(line, [lines.NewClass(name=name)], by=mia)

    assert line.classes.count() == 2
