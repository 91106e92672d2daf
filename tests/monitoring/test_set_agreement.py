"""How alike people name all classes, on the pages of a line that allows several."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from monitoring.models import Study
from monitoring.services import studies
from monitoring.services.inspectors import inspectors_of
from monitoring.services.set_agreement import SetAgreement, set_agreement
from monitoring.services.study_results import result_of
from reviewapp.models import Meaning, ProductLine, User
from reviewapp.services import lines
from tests import factories
from tests.monitoring.test_studies import browser_of, settle

CLASSES = (
    *factories.OK_OR_SCRATCH,
    lines.NewClass(name="Stain", meaning=Meaning.REJECT),
)
NAMES = {"ok": "OK", "scratch": "Scratch", "stain": "Stain"}
# What ana and ben said of the same items.
SAID = [
    (["ok"], ["ok"]),
    (["ok"], ["ok"]),
    (["scratch", "stain"], ["scratch", "stain"]),
    (["scratch", "stain"], ["scratch"]),
    (["ok"], ["stain"]),
]


@pytest.fixture
def screens(db: None) -> ProductLine:
    """A line on which an item may have several classes and is read by two people."""
    line = factories.make_line("Screens", classes=CLASSES, allows_several=True)
    factories.read_twice(line, 1.0)
    return line


@pytest.fixture
def readers(screens: ProductLine) -> list[User]:
    """Ana and ben have read the same five items."""
    people = [factories.make_inspector(screens, name) for name in ("ana", "ben")]
    for answers in SAID:
        factories.make_item(screens)
        for person, (key, *also) in zip(people, answers, strict=True):
            factories.label_next(person, screens, key, also=also)
    return people


def found_on(line: ProductLine, only: User | None = None) -> SetAgreement | None:
    return inspectors_of(line, at=timezone.now(), days=7, only=only).sets


def test_two_readers_of_all_classes_agree_as_counted_by_hand(
    screens: ProductLine, readers: list[User]
) -> None:
    found = found_on(screens)

    assert found is not None
    # by hand: of 10 answers 5 ok, 3 of both, 1 scratch, 1 stain; "both" is 2/3 from
    # each of its parts, all others 1 from each other
    observed = 2 * (2 / 3 + 1)
    apart = 5 * 3 + 5 + 5 + (3 * 2 / 3) * 2 + 1
    assert found.alpha.value == pytest.approx(1 - observed / (2 * apart / 9))
    assert found.alpha.n == 5
    assert found.alpha.low < found.alpha.value < found.alpha.high
    assert found.is_few
    split = {one.name: (one.split.count, one.split.of) for one in found.classes}
    assert split == {"OK": (1, 3), "Scratch": (0, 2), "Stain": (2, 3)}
    assert [one.name for one in found.classes] == ["OK", "Scratch", "Stain"]


def test_other_figures_stay_by_the_class_that_decides(
    screens: ProductLine, readers: list[User]
) -> None:
    [ana, _ben] = inspectors_of(screens, at=timezone.now(), days=7).people

    assert (ana.agreement.count, ana.agreement.of) == (4, 5)


def test_the_same_answers_have_the_same_interval_on_each_look(
    screens: ProductLine, readers: list[User]
) -> None:
    assert found_on(screens) == found_on(screens)


def test_there_is_none_where_one_class_is_allowed_nor_in_ones_own_view(
    screens: ProductLine, readers: list[User]
) -> None:
    assert found_on(screens, only=readers[0]) is None
    screens.allows_several = False

    assert found_on(screens) is None


def test_what_only_one_has_read_says_nothing() -> None:
    assert set_agreement([], NAMES) is None
    assert set_agreement([{1: frozenset(["ok"])}], NAMES) is None


def test_readers_who_never_differed_have_no_interval() -> None:
    both = [
        {1: frozenset(["ok"]), 2: frozenset(["ok"])},
        {1: frozenset(["stain"]), 2: frozenset(["stain"])},
    ]

    found = set_agreement(both, NAMES)

    assert found is not None
    assert found.alpha.value == 1
    assert not found.has_bounds


def test_one_answer_to_everything_defines_no_agreement() -> None:
    found = set_agreement([{1: frozenset(["ok"]), 2: frozenset(["ok"])}], NAMES)

    assert found is not None
    assert not found.is_defined


def test_managers_see_it_where_they_see_how_alike_people_read(
    screens: ProductLine, readers: list[User]
) -> None:
    mia = factories.make_manager(screens, "mia")
    address = reverse("inspectors-by-name", args=[screens.slug])

    page = browser_of(mia).get(address).text

    assert "alpha with the MASI distance" in page
    assert "By some and not by others" in page
    assert "66.7 %" in page
    ProductLine.objects.update(allows_several=False)
    assert "MASI" not in browser_of(mia).get(address).text
    own = browser_of(readers[0]).get(reverse("line-inspectors", args=[screens.slug]))
    assert "MASI" not in own.text


@pytest.fixture
def study(screens: ProductLine) -> Study:
    """Eva and fay have read ten parts; fay leaves the stain out of the bad ones."""
    factories.read_twice(screens, 0.0)
    zac = factories.make_inspector(screens, "zac")
    settle(screens, zac, "ok", 5)
    settle(screens, zac, "scratch", 5)
    eva, fay = (factories.make_inspector(screens, name) for name in ("eva", "fay"))
    manager = factories.make_manager(screens, "mia")
    planned = studies.plan_study(
        screens, parts=10, trials=1, inspectors=[eva, fay], by=manager
    )
    ok, scratch, stain = (
        screens.classes.get(key=key) for key in ("ok", "scratch", "stain")
    )
    for person, further in ((eva, [stain]), (fay, [])):
        while (read := studies.next_read(planned, person)) is not None:
            is_good = read.part.is_good
            studies.answer_read(
                planned,
                place=read.place,
                answer=ok if is_good else scratch,
                also=[] if is_good else further,
                by=person,
            )
            planned.refresh_from_db()
    return planned


def test_a_study_says_how_alike_all_classes_were_named(
    study: Study, screens: ProductLine
) -> None:
    found = result_of(study)

    assert found.between is not None
    assert found.between.value == 1, "by the class that decides nobody differed"
    assert found.sets is not None
    # by hand: of 20 answers 10 ok, 5 scratch, 5 of both; 5 parts are 2/3 apart
    chance = 2 * (10 * 5 + 10 * 5 + 25 * 2 / 3) / 19
    assert found.sets.alpha.value == pytest.approx(1 - 2 * 5 * (2 / 3) / chance)
    split = {one.name: (one.split.count, one.split.of) for one in found.sets.classes}
    assert split == {"OK": (0, 5), "Scratch": (0, 5), "Stain": (5, 5)}


def test_a_study_shows_it_to_managers_alone(study: Study, screens: ProductLine) -> None:
    address = reverse("study", args=[screens.slug, study.number])
    people = {user.username: user for user in User.objects.all()}

    assert "MASI" in browser_of(people["mia"]).get(address).text
    own: Client = browser_of(people["eva"])
    assert "MASI" not in own.get(address).text


def test_what_lies_before_the_span_counts_nowhere(
    screens: ProductLine, readers: list[User]
) -> None:
    later = timezone.now() + timedelta(days=8)

    assert inspectors_of(screens, at=later, days=7).sets is None
