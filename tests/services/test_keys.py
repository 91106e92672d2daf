"""A person's keys: one act each, none that answers, and what a line's classes take."""

from itertools import combinations

import pytest

from reviewapp.errors import ConflictError
from reviewapp.models import Meaning, Modality, ProductLine, Record, User
from reviewapp.services import keys, lines
from reviewapp.services.lines import HOTKEYS, NewClass
from reviewapp.services.workbench import workbench
from tests import factories


def meet(one: str, other: str) -> bool:
    return len({keys.ONLY_OF[a] for a in (one, other) if a in keys.ONLY_OF}) < 2


@pytest.mark.parametrize("preset", keys.PRESETS)
def test_no_two_acts_that_meet_on_an_item_share_a_key(preset: str) -> None:
    given = keys.PRESETS[preset]

    assert [
        (one, other)
        for one, other in combinations(given, 2)
        if given[one] == given[other] and meet(one, other)
    ] == []


def test_no_usual_key_answers_or_plays() -> None:
    assert not {*keys.USUAL.values()} & {*HOTKEYS, *keys.FIXED}
    assert not {*keys.LEFT_HAND.values()} & {*keys.FIXED}


def test_every_act_has_a_name() -> None:
    assert {*keys.NAMES} == {*keys.USUAL} == {*keys.LEFT_HAND}


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("S", "s"),
        (" q ", "q"),
        ("⌫", "Backspace"),
        ("pageup", "PageUp"),
        (" ", " "),
        ("space", " "),
        ("F5", "F5"),
    ],
)
def test_a_key_is_read_as_it_is_typed(typed: str, key: str) -> None:
    assert keys.as_key(typed) == key


def test_only_what_differs_from_the_usual_keys_is_kept(ana: User) -> None:
    keys.set_keys(ana, {"skip": ";", "pause": "p"})

    ana.refresh_from_db()
    assert ana.keys == {"skip": ";"}
    assert keys.keys_of(ana)["skip"] == ";"
    assert Record.objects.filter(action="person.keys_set").count() == 1


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"skip": "u"}, ["“Cannot tell”", "“Skip”"]),
        ({"skip": "1"}, ["answers “OK” on Phone screens", "“Skip”"]),
        ({"skip": "Enter"}, ["Enter always does the same"]),
        ({"skip": "F5"}, ["F5 is no single key"]),
        ({"zoom_in": "x"}, ["“Closer, at the cursor”", "“Farther”"]),
    ],
)
def test_a_key_that_would_do_two_things_is_refused_naming_both(
    line: ProductLine, ana: User, wanted: dict[str, str], words: list[str]
) -> None:
    with pytest.raises(ConflictError) as refused:
        keys.set_keys(ana, wanted)

    assert all(word in refused.value.message for word in words)
    ana.refresh_from_db()
    assert ana.keys == {}


def test_a_key_of_pictures_may_be_one_of_texts(ana: User) -> None:
    keys.set_keys(ana, {"find": "z"})

    assert ana.keys == {"find": "z"}


def test_a_class_of_another_persons_line_takes_no_key(ana: User) -> None:
    many = [NewClass(name=f"Kind {n}") for n in range(12)]
    factories.make_line("Other", classes=many)

    keys.set_keys(ana, {"skip": "q"})

    assert ana.keys == {"skip": "q"}


def test_a_class_that_comes_later_has_the_key_and_the_sheet_says_so(
    line: ProductLine, ana: User
) -> None:
    keys.set_keys(ana, {"skip": "3"})
    lines.add_classes(line, [NewClass(name="Dust", meaning=Meaning.REJECT)], by=None)
    factories.make_item(line)

    review = factories.claim(ana, line)
    bench = workbench(review, ana)

    assert bench.keys["skip"] == ""
    [row] = [row for row in bench.sheet if row.name == "Skip"]
    assert (row.key, row.taken_by) == ("", "Dust")
    assert [row.key for row in bench.sheet if row.name == "Dust"] == ["3"]


@pytest.mark.parametrize(
    ("modality", "has"), [(Modality.IMAGE, True), (Modality.TABULAR, False)]
)
def test_the_sheet_lists_what_the_item_in_front_has(
    line: ProductLine, ana: User, modality: Modality, *, has: bool
) -> None:
    rows = keys.sheet(ana, line.open_classes, modality=modality, without=())

    assert ("Closer, at the cursor" in {row.name for row in rows}) is has
