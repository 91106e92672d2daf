"""The whole way, on data that nobody here made: from a file to an exported label.

The sets lie in a folder beside the checkout; without it these tests say so and pass by.
"""

import csv
import hashlib
import json
import random
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from monitoring.models import HourlyCount
from monitoring.services import counts, evidence
from reviewapp.models import (
    Cause,
    Item,
    Modality,
    Prediction,
    ProductLine,
    Review,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services.datasets import take_snapshot
from reviewapp.services.lines import NewClass
from reviewapp.services.policies import append_policy
from reviewapp.services.predictions import predict_pending
from tests import factories
from tests.monitoring.days import let_the_planner_look

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
PASSWORD = "a-long-enough-password"

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no data sets in {DATA}"),
]


@dataclass(frozen=True, kw_only=True)
class Played:
    """What a journey left, to be checked by hand."""

    line: ProductLine
    truth: Mapping[str, str]
    second: list[str]
    mia: User


def labelled_by_http(browser: Client, user: User, truth: Mapping[str, str]) -> int:
    """Label the line's queue through its pages until it is empty."""
    line = ProductLine.objects.get(memberships__user=user)
    page = browser.post(f"/lines/{line.slug}/review/begin/", follow=True)
    done = 0
    while held := Review.objects.held_by(user).select_related("item").first():
        page = browser.post(
            f"/reviews/{held.public_id}/answer/",
            {
                "key": str(held.claim_token),
                "answer": truth[held.item.external_id].lower(),
            },
            headers={"hx-request": "true"},
        )
        assert page.status_code == 200
        done += 1
    return done


def play(line: ProductLine, halves: list[Path], truth: Mapping[str, str]) -> Played:
    """Import, label, train, run in shadow, label again."""
    ana = factories.make_inspector(line, "ana")
    mia = factories.make_manager(line, "mia")
    ana_browser, mia_browser = Client(), Client()
    for browser, user in ((ana_browser, ana), (mia_browser, mia)):
        browser.force_login(user, backend="reviewapp.sessions.PersonBackend")
    call_command("import_items", line.slug, str(halves[0]))
    call_command("import_items", line.slug, str(halves[0]))
    first = set(Item.objects.values_list("external_id", flat=True))
    assert labelled_by_http(ana_browser, ana, truth) == len(first)
    let_the_planner_look()
    call_command("train_model", line.slug, "--live")
    line.refresh_from_db()
    signed = {
        "reason": "first model",
        "password": PASSWORD,
        "seen_policy": line.in_force.number,
    }
    assert mia_browser.post(f"/lines/{line.slug}/raise/", signed).status_code == 302
    call_command("import_items", line.slug, str(halves[1]))
    while predict_pending(limit=500):
        pass
    let_the_planner_look()
    second = [e for e in truth if e not in first]
    assert labelled_by_http(ana_browser, ana, truth) == len(second)
    let_the_planner_look()
    counts.roll_up_hours()
    line.refresh_from_db()
    return Played(line=line, truth=truth, second=second, mia=mia)


def check_by_hand(played: Played) -> None:
    """Count everything again without the product's own counting."""
    line, truth = played.line, played.truth
    assert line.in_force.level == AutomationLevel.SHADOW
    predicted = {
        p.item.external_id: p.label_class.key if p.label_class else None
        for p in Prediction.objects.select_related("item", "label_class")
    }
    assert set(predicted) == set(played.second), "only what came after is predicted"
    by_hand = Counter(predicted[e] == truth[e].lower() for e in played.second)
    measured = evidence.gather(line)
    assert measured.blind_pairs == len(played.second)
    assert measured.agreed_pairs == by_hand[True]
    items = HourlyCount.objects.of_line(line).filter(measure="item")
    assert sum(items.values_list("count", flat=True)) == len(truth)
    decided = HourlyCount.objects.of_line(line).filter(measure="by_person")
    assert sum(decided.values_list("count", flat=True)) == len(truth)
    browser = Client()
    browser.force_login(played.mia, backend="reviewapp.sessions.PersonBackend")
    page = browser.get(f"/lines/{line.slug}/").content.decode()
    assert f"n = {len(played.second)}" in page.replace(",", "")
    check_export(browser, played)
    browser.post(f"/lines/{line.slug}/lower/", {"level": "manual"})
    line.refresh_from_db()
    assert line.in_force.level == AutomationLevel.MANUAL


def check_export(browser: Client, played: Played) -> None:
    """Export the labels and check every one, and the hashes, from outside."""
    line = played.line
    snapshot = take_snapshot(line, by=played.mia)
    base = f"/lines/{line.slug}/datasets/{snapshot.number}"
    once, again = (read(browser, f"{base}.jsonl") for _ in range(2))
    assert once == again
    rows = [json.loads(text) for text in once.decode().splitlines()]
    assert {r["external_id"]: r["label"] for r in rows} == {
        external_id: label.lower() for external_id, label in played.truth.items()
    }
    hashes = [hashlib.sha256(text + b"\n").hexdigest() for text in once.splitlines()]
    manifest = json.loads(browser.get(f"{base}.manifest.json").content)
    root = hashlib.sha256("".join(f"{h}\n" for h in hashes).encode()).hexdigest()
    assert (manifest["row_sha256"], manifest["root_sha256"]) == (hashes, root)
    assert root == snapshot.root_sha256
    seen = Counter((r["level"], r["route"], r["shown"], r["inclusion"]) for r in rows)
    first = len(played.truth) - len(played.second)
    assert seen == {
        ("manual", "blind", "nothing", 1.0): first,
        ("shadow", "blind", "nothing", 1.0): len(played.second),
    }
    answered = sum(r["model_answer"] is not None for r in rows)
    assert answered == len(played.second)
    table = read(browser, f"{base}.csv").decode("utf-8-sig")
    assert len(list(csv.DictReader(table.splitlines()))) == len(rows)


def read(browser: Client, path: str) -> bytes:
    response: Any = browser.get(path)
    return b"".join(response.streaming_content)


@pytest.fixture
def steel(tmp_path: Path, model_host: Path, transactional_db: None) -> Played:
    source = DATA / "steel-plates" / "manifest.csv"
    with source.open(newline="") as file:
        rows = list(csv.DictReader(file))
    random.Random(7).shuffle(rows)  # noqa: S311 - the set is sorted by class
    names = [name for name in rows[0] if name not in {"id", "label"}]
    labels = sorted({row["label"] for row in rows})
    halves = [tmp_path / "first.csv", tmp_path / "second.csv"]
    middle = len(rows) // 2
    for path, part in zip(halves, (rows[:middle], rows[middle:]), strict=True):
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(part)
    line = factories.make_line(
        "Steel plates",
        classes=[NewClass(name=label, key=label.lower()) for label in labels],
        columns=[{"name": name, "kind": "number"} for name in names],
    )
    return play(line, halves, {row["id"]: row["label"] for row in rows})


@pytest.mark.django_db(transaction=True)
def test_steel_plates_from_file_to_export(steel: Played) -> None:
    line = steel.line
    measured = evidence.gather(line)
    share = measured.agreed_pairs / measured.blind_pairs
    # the published 0.775 is of shuffled rows; the later half in order is harder, and
    # which fifth is held out is drawn by lot: 0.684, give or take 0.009, in five runs
    assert 0.64 < share < 0.85

    browser = Client()
    browser.force_login(steel.mia, backend="reviewapp.sessions.PersonBackend")
    signed = {"reason": "good enough here", "password": PASSWORD}
    shut = browser.post(
        f"/lines/{line.slug}/raise/", signed | {"seen_policy": line.in_force.number}
    )
    assert shut.status_code == 409
    asked = {"blind_pairs": 900, "days": 1, "agreement": 0.6}
    append_policy(
        line, cause=Cause.CHANGED, by=steel.mia, changes={"requirements": asked}
    )
    opened = browser.post(
        f"/lines/{line.slug}/raise/", signed | {"seen_policy": line.in_force.number}
    )
    assert opened.status_code == 302
    line.refresh_from_db()
    assert line.in_force.level == AutomationLevel.ASSIST
    browser.post(f"/lines/{line.slug}/lower/", {"level": "shadow"})
    line.refresh_from_db()
    check_by_hand(steel)


@pytest.mark.django_db(transaction=True)
def test_pitting_photos_from_folder_to_export(model_host: Path, tmp_path: Path) -> None:
    source = DATA / "bsd-pitting"
    with (source / "manifest.csv").open(newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["captured_at"])
    middle = len(rows) // 2
    halves = []
    for name, part in (("first", rows[:middle]), ("second", rows[middle:])):
        folder = tmp_path / name
        (folder / "images").mkdir(parents=True)
        with (folder / "manifest.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "file", "captured_at", "group"])
            for row in part:
                image = row["file"]
                shutil.copy(source / image, folder / image)
                writer.writerow([image, image, row["captured_at"], row["position"]])
        halves.append(folder)
    line = factories.make_line(
        "Ball screws",
        modality=Modality.IMAGE,
        classes=[
            NewClass(name="Pitting"),
            NewClass(name="No pitting", key="no_pitting"),
        ],
    )

    played = play(line, halves, {row["file"]: row["label"] for row in rows})

    check_by_hand(played)
    times = Item.objects.order_by("occurred_at").values_list("occurred_at", flat=True)
    days = [times[0].date().isoformat(), times[len(rows) - 1].date().isoformat()]
    assert days == ["2020-08-28", "2020-09-16"]
