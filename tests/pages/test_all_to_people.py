"""All to people: one click on every page of a line, at once, broker or not."""

import gc
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reviewapp.celery import app
from reviewapp.models import (
    Decision,
    Item,
    Label,
    LineState,
    ModelVersion,
    Prediction,
    PredictionSource,
    ProductLine,
    User,
)
from reviewapp.policy import AutomationLevel
from reviewapp.services import labels, reviews
from reviewapp.services.items import Arrival, receive_items
from reviewapp.services.labels import Answer
from reviewapp.services.routings import route_items
from tests import factories

BACKEND = "reviewapp.sessions.PersonBackend"
LINE_PAGES = (
    "line",
    "line-alarms",
    "line-health",
    "line-agreement",
    "line-inputs",
    "line-audits",
    "line-containments",
    "line-thresholds",
    "line-canary",
    "line-items",
    "line-versions",
    "line-rivals",
    "line-datasets",
    "line-stages",
    "line-report",
    "line-confusion",
    "line-measuring",
    "line-inspectors",
    "line-people",
    "line-tokens",
    "line-settings",
    "line-costs",
    "alarm-settings",
    "study-plan",
)
FORK = multiprocessing.get_context("fork")
INSPECTORS, THREADS = 16, 4
LOAD_S = 2.0
ACKNOWLEDGED_WITHIN_S = 1.0
# The suite shares two processors with all its workers; alone it is held to the promise.
ACKNOWLEDGED_IN_THE_SUITE_S = 5.0


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user, backend=BACKEND)
    return browser


def at_partial(line: ProductLine) -> ModelVersion:
    """Let the line's model decide OK by itself, with rare audits."""
    version = factories.put_at(line, AutomationLevel.SHADOW)
    assert version is not None
    factories.put_at(
        line,
        AutomationLevel.PARTIAL,
        certificates=factories.certified(version, "ok"),
        canary_share=1.0,
        audit_shares={"ok": 0.5},
    )
    LineState.objects.filter(line=line).update(judged_at=timezone.now())
    return version


@pytest.mark.parametrize("name", LINE_PAGES)
def test_every_page_of_a_line_has_the_button(
    line: ProductLine, mia: User, name: str
) -> None:
    at_partial(line)

    response = browser_of(mia).get(reverse(name, kwargs={"slug": line.slug}))

    assert response.status_code == 200
    content = response.content.decode()
    assert f'action="{reverse("level-lower", kwargs={"slug": line.slug})}"' in content
    assert "All to people" in content


@pytest.mark.django_db(transaction=True)
def test_under_load_and_without_a_broker_it_is_acknowledged_and_nothing_follows(
    line: ProductLine, mia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1:9/0")
    version = at_partial(line)
    browser = ready_browser(mia, line)
    with full_load(line, version):
        response, took = click(browser, line)
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            [acknowledged] = cursor.fetchone()
        time.sleep(LOAD_S)

    assert response.status_code == 302
    assert took <= ACKNOWLEDGED_IN_THE_SUITE_S
    by_model = Decision.objects.filter(decided_by="model")
    assert by_model.exists(), "the model decided until then"
    assert not by_model.filter(decided_at__gt=acknowledged).exists()
    assert Item.objects.filter(received_at__gt=acknowledged).exists(), "intake ran on"
    assert Label.objects.filter(labelled_at__gt=acknowledged).exists(), "and people"
    assert Label.objects.filter(labelled_at__lt=acknowledged).exists()


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_ten_clicks_at_full_load_are_acknowledged_within_a_second(
    line: ProductLine, mia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model is given the line back after each; the times are printed."""
    monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1:9/0")
    version = at_partial(line)
    browser = ready_browser(mia, line)
    times: list[float] = []
    with full_load(line, version):
        for _ in range(10):
            response, took = click(browser, line)
            assert response.status_code == 302
            times.append(took)
            at_partial(line)
            time.sleep(LOAD_S / 4)

    told = " ".join(f"{took:.2f}" for took in sorted(times))
    print(f"acknowledged after {told} s")  # noqa: T201 - docs/measurements.md quotes it
    assert max(times) <= ACKNOWLEDGED_WITHIN_S
    assert Decision.objects.filter(decided_by="model").exists()


def ready_browser(user: User, line: ProductLine) -> Client:
    """Sign in, and load once what pages need."""
    browser = browser_of(user)
    browser.get(reverse("line", kwargs={"slug": line.slug}))
    return browser


def click(browser: Client, line: ProductLine) -> tuple[Any, float]:
    """Send the line to its people; give the answer and its seconds."""
    began = time.perf_counter()
    path = reverse("level-lower", kwargs={"slug": line.slug})
    response = browser.post(path, {"level": "shadow"})
    return response, time.perf_counter() - began


@contextmanager
def full_load(line: ProductLine, version: ModelVersion) -> Iterator[None]:
    """Label by 16 people and take items in, both without a pause, in processes.

    Processes, as in the plant: the page must not wait for what others compute.
    """
    people = [factories.make_inspector(line, f"person-{n}") for n in range(INSPECTORS)]
    is_over = FORK.Event()
    connections.close_all()
    running = [
        *(
            FORK.Process(target=label_together, args=(line.pk, crew, is_over))
            for crew in batched(people, THREADS)
        ),
        FORK.Process(target=take_in, args=(line.pk, version.pk, is_over)),
    ]
    for process in running:
        process.start()
    try:
        time.sleep(LOAD_S)
        yield
    finally:
        is_over.set()
        for process in running:
            process.join()
    assert [process.exitcode for process in running] == [0] * len(running)


def batched(people: Sequence[User], size: int) -> list[Sequence[User]]:
    """Split people into crews, each a process of several threads."""
    return [people[start : start + size] for start in range(0, len(people), size)]


def label_together(line_id: int, crew: Sequence[User], is_over: Event) -> None:
    """Let a crew label whatever waits until it is over."""
    gc.freeze()  # what was there before the fork is nobody's garbage here

    def label(person: User) -> None:
        line = ProductLine.objects.with_policy().get(pk=line_id)
        ok = line.classes.get(key="ok")
        while not is_over.is_set():
            review = reviews.claim_next(person, line)
            if review is None or review.claim_token is None:
                time.sleep(0.1)
                continue
            answer = Answer(label_class=ok, key=review.claim_token)
            labels.answer_review(review.public_id, line, by=person, answer=answer)
        connection.close()

    with ThreadPoolExecutor(len(crew)) as pool:
        for done in [pool.submit(label, person) for person in crew]:
            done.result()


def take_in(line_id: int, version_id: int, is_over: Event) -> None:
    """Receive, predict and route one batch after the other, as the workers do."""
    gc.freeze()
    line = ProductLine.objects.with_policy().get(pk=line_id)
    ok = line.classes.get(key="ok")
    number = 0
    while not is_over.is_set():
        number += 1
        received = receive_items(
            line,
            [
                Arrival(external_id=f"{number}-{n}", values={"width": 1, "height": 2})
                for n in range(50)
            ],
        )
        public_ids = [item.public_id for item in received]
        found = Item.objects.filter(public_id__in=public_ids)
        ids = [*found.values_list("pk", flat=True)]
        Prediction.objects.bulk_create(
            Prediction(
                item_id=item_id,
                version_id=version_id,
                label_class=ok,
                confidence=0.9,
                probabilities=[0.9, 0.1],
                source=PredictionSource.WORKER,
                latency_ms=1.0,
            )
            for item_id in ids
        )
        route_items(line.pk, ids)
    connection.close()
