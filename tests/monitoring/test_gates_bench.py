"""The gates and the certificates err as seldom as they say: a small seeded round."""

from typing import Any

import numpy as np
import pytest

from bench import gates as measured
from monitoring.promises import Promise, certificate_from
from reviewapp.policy import AutomationLevel, Policy, Requirements
from tests.stats.test_selective import draw_line

FRESH = 20_000


def test_lines_just_below_the_target_hardly_ever_pass_in_sixty_daily_looks() -> None:
    rng = np.random.default_rng(1)
    policy = Policy(level=AutomationLevel.SHADOW, live="live")
    passed = sum(
        measured.look_daily(rng.random(6000) < 0.949, policy=policy).passed_at
        is not None
        for _ in range(60)
    )

    assert passed / 60 <= 0.05


def test_lines_two_points_better_pass_by_the_labels_of_the_closed_form() -> None:
    found = measured.raised_lines(40, agreement=0.97, seed=1)

    assert found["closed_form_labels"] == 815
    next_look = -(-815 // measured.PER_DAY) * measured.PER_DAY
    assert found["median_labels_to_open_agreement"] <= next_look
    assert found["median_labels_to_pass"] <= Requirements().blind_pairs


def test_people_settle_as_the_model_says_as_often_as_was_asked_for() -> None:
    agreed = measured.agreements(
        measured.model_for(0.95), 40_000, rng=np.random.default_rng(2)
    )

    assert agreed.mean() == pytest.approx(0.95, abs=3 * (0.95 * 0.05 / 40_000) ** 0.5)


def kept(lines: int, *, delta: float) -> dict[str, Any]:
    rng = np.random.default_rng(4)
    promise = Promise(max_error=0.005, delta=delta)
    return measured.keep_promises(
        lines,
        max_error=0.005,
        grant=lambda confidence, wrong: certificate_from(
            confidence, wrong, promise, fingerprint="live"
        ),
        draw=lambda: (draw_line(rng, 3000), draw_line(rng, FRESH)),
    )


def test_certified_lines_keep_their_promise_on_fresh_items() -> None:
    found = kept(100, delta=0.05)

    assert found["certified"] >= 90
    assert found["broken"] / found["lines"] <= 0.05
    assert found["mean_share_covered"] >= 0.6


def test_a_promise_that_is_not_kept_would_be_seen() -> None:
    assert kept(20, delta=0.9)["broken"] > 1
