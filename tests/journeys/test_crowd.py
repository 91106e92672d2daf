"""Thirty-nine people read the same birds: a crowd's figures, as others have found them.

The set lies beside the checkout; without it the test says so and passes by.
"""

import csv
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from monitoring.models import Study, StudyPart
from monitoring.services import studies
from monitoring.services.study_results import result_of
from monitoring.stats.agreement import gwet_ac1
from monitoring.stats.raters import fleiss_kappa, krippendorff_alpha
from reviewapp.models import Meaning
from reviewapp.services.lines import NewClass
from tests import factories

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "bluebirds"
BUNTING = "indigo_bunting"

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no data set in {DATA}"),
]


@pytest.fixture(scope="module")
def birds() -> list[dict[str, str]]:
    with (DATA / "manifest.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def people(birds: list[dict[str, str]]) -> list[str]:
    return [name for name in birds[0] if name not in {"id", "label"}]


def test_the_crowd_agrees_as_published(
    birds: list[dict[str, str]], people: list[str]
) -> None:
    said = np.array([[int(bird[name] == BUNTING) for bird in birds] for name in people])
    yes = said.sum(axis=0)
    counts = np.column_stack([len(people) - yes, yes])
    pairs = np.zeros((2, 2), dtype=int)
    for no, some in counts:
        pairs += [[no * (no - 1), no * some], [some * no, some * (some - 1)]]

    assert said.shape == (39, 108)
    assert np.trace(pairs) / pairs.sum() == pytest.approx(0.5882, abs=5e-5)
    assert fleiss_kappa(counts).value == pytest.approx(0.1253, abs=5e-5)
    assert krippendorff_alpha(said).value == pytest.approx(0.1255, abs=5e-5)
    assert gwet_ac1(pairs.tolist()).value == pytest.approx(0.2218, abs=5e-5)
    # the pooled table is the one that each two people would have made
    by_hand = sum(
        int(one == other) for one, other in permutations(said[:, 0].tolist(), 2)
    )
    assert by_hand == counts[0, 0] * (counts[0, 0] - 1) + yes[0] * (yes[0] - 1)


@pytest.mark.django_db
def test_a_study_of_the_crowd_finds_who_reads_well(
    birds: list[dict[str, str]], people: list[str]
) -> None:
    line = factories.make_line(
        "Birds",
        classes=(
            NewClass(name="Indigo bunting", meaning=Meaning.PASS),
            NewClass(name="Blue grosbeak", meaning=Meaning.REJECT),
        ),
    )
    study = Study.objects.create(
        line=line,
        number=1,
        trials=1,
        planned_by=factories.make_manager(line, "mia"),
    )
    shown = {}
    parts = []
    for bird in birds:
        item = factories.make_item(line, bird["id"])
        shown[item.pk] = bird
        parts.append(
            StudyPart(study=study, item=item, is_good=bird["label"] == BUNTING)
        )
    StudyPart.objects.bulk_create(parts)
    choice = {
        True: line.classes.get(meaning=Meaning.PASS),
        False: line.classes.get(meaning=Meaning.REJECT),
    }
    crowd = {name: factories.make_inspector(line, name) for name in people}
    for person in crowd.values():
        studies.lay_out(study, parts, person)
    for name, person in crowd.items():
        for read in study.reads.filter(inspector=person).select_related("part"):
            said = shown[read.part.item_id][name] == BUNTING
            studies.answer_read(study, place=read.place, answer=choice[said], by=person)

    found = result_of(study)

    right = [one.effectiveness for one in found.inspectors if one.effectiveness]
    shares = [share.value for share in right]
    assert len(shares) == 39
    assert min(shares) == pytest.approx(0.324, abs=5e-4)
    assert max(shares) == pytest.approx(0.889, abs=5e-4)
    assert np.mean(shares) == pytest.approx(0.636, abs=5e-4)
    assert found.between is not None
    assert found.between.of == 108
    assert not any(one.is_few for one in found.inspectors)
    study.refresh_from_db()
    assert study.closed_at is not None
