"""How often the gates and the certificates are wrong, and how long they take.

./run bench gates [--lines 200] [--certified 100] [--pool 24000] [--seed 1]

Lines of the simulator with people who miss and overkill, asked through the product's
own functions: ``gates.gates`` looked at every day, ``certificate_from`` once a line.
"""

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import skops.io
from scipy.special import expit

from bench import ground, screens_model
from monitoring.promises import Promise, certificate_from, delta_of
from monitoring.stats.sequential import gate_evidence, labels_needed
from reviewapp import gates
from reviewapp.evidence import Evidence
from reviewapp.gates import GateCode
from reviewapp.policy import (
    AutomationLevel,
    Certificate,
    Policy,
    Requirements,
)
from reviewapp.settlements import Settling, settle
from reviewapp.simulation.people import SimulatedInspector
from reviewapp.simulation.phone_screens import Scene

DAYS, PER_DAY = 60, 100
DEFECTIVE = 0.045
OK, DEFECT = "ok", "defect"
TARGET_ESCAPE = 0.005
LABELS = 4_000
FRESH = 50_000
# A line on which choosing is dangerous: passing all of it lets 4 % escape.
HARD_DEFECTIVE, HARD_DISTANCE = 0.04, 2.6
# Those who read first, and who settles what they dispute.
READER = SimulatedInspector(name="Reader", passing=(OK,), rejecting=(DEFECT,))
SENIOR = SimulatedInspector(
    name="Senior", passing=(OK,), rejecting=(DEFECT,), miss=0.01, overkill=0.001
)
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Labels = tuple[Floats, Bools]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What sixty daily looks at one line gave.

    ``passed_at`` and ``agreement_at`` are the labels at which all gates, and the one of
    agreement alone, were open for the first time.
    """

    passed_at: int | None
    agreement_at: int | None


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="./run bench gates")
    parser.add_argument("--lines", type=int, default=200)
    parser.add_argument("--certified", type=int, default=100)
    parser.add_argument("--pool", type=int, default=24_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    target = Requirements().agreement
    ground.report(
        {
            "machine": ground.machine(),
            "just_worse": raised_lines(
                asked.lines, agreement=target - 0.001, seed=asked.seed
            ),
            "two_points_better": raised_lines(
                asked.lines, agreement=target + 0.02, seed=asked.seed
            ),
            "hard_certified_once": hard_lines(asked.lines, seed=asked.seed),
            "hard_tried_daily": hard_lines(asked.lines, seed=asked.seed, daily="count"),
            "hard_tried_daily_uncounted": hard_lines(
                asked.lines, seed=asked.seed, daily="forget"
            ),
            "screens_certified": certified_lines(
                asked.certified, pool=asked.pool, seed=asked.seed
            ),
        }
    )


def raised_lines(lines: int, *, agreement: float, seed: int) -> dict[str, Any]:
    """Look every day, for sixty days, whether lines of a true agreement may rise."""
    right = model_for(agreement)
    asked = Requirements()
    looked = [
        look_daily(
            agreements(right, DAYS * PER_DAY, rng=np.random.default_rng([seed, line])),
            policy=Policy(level=AutomationLevel.SHADOW, live="live"),
        )
        for line in range(lines)
    ]
    passed = [one.passed_at for one in looked if one.passed_at is not None]
    open_at = [one.agreement_at for one in looked if one.agreement_at is not None]
    return {
        "lines": lines,
        "days": DAYS,
        "labels_a_day": PER_DAY,
        "true_agreement": agreement,
        "target": asked.agreement,
        "passed": len(passed),
        "agreement_gate_opened": len(open_at),
        "median_labels_to_pass": _median_of_all(passed, lines),
        "median_labels_to_open_agreement": _median_of_all(open_at, lines),
        "closed_form_labels": closed_form(agreement, asked=asked),
        "fewest_labels_asked": asked.blind_pairs,
    }


def _median_of_all(found: list[int], lines: int) -> float | None:
    """Give the median over all lines; ``None`` where half of them never got there."""
    never = [float("inf")] * (lines - len(found))
    middle = median([*found, *never])
    return middle if middle < float("inf") else None


def closed_form(agreement: float, *, asked: Requirements) -> int | None:
    """Count the labels after which a line of exactly this agreement has the evidence.

    ``None`` where it never comes, since the agreement is not above the target.
    """
    if agreement <= asked.agreement:
        return None
    labels = labels_needed(0, 0, gate=asked.agreement, evidence=asked.evidence)
    while True:
        right = round(labels * agreement)
        reached = gate_evidence(right, labels - right, gate=asked.agreement)
        if reached >= asked.evidence:
            return labels
        labels += 1


def look_daily(agreed: Bools, *, policy: Policy) -> Looked:
    """Judge the gates at the end of each day on all labels so far."""
    asked = policy.requirements
    passed_at = agreement_at = None
    for day in range(1, agreed.size // PER_DAY + 1):
        labels = day * PER_DAY
        right = int(agreed[:labels].sum())
        judged = gates.gates(
            policy,
            AutomationLevel.ASSIST,
            Evidence(
                version_is_ready=True,
                blind_pairs=labels,
                agreed_pairs=right,
                agreement_evidence=gate_evidence(
                    right, labels - right, gate=asked.agreement
                ),
                days=day,
                shifts=asked.shifts,
                drawn=labels,
                drawn_answered=labels,
                open_alarms=0,
                containments_proposed=0,
                containments_standing=0,
                pairs_per_day=PER_DAY,
            ),
        )
        is_open = {gate.code: gate.is_open for gate in judged}
        if agreement_at is None and is_open[GateCode.AGREEMENT]:
            agreement_at = labels
        if all(is_open.values()):
            passed_at = labels
            break
    return Looked(passed_at=passed_at, agreement_at=agreement_at)


def agreements(right: float, count: int, *, rng: np.random.Generator) -> Bools:
    """Draw items, the model's answers and people's; say where both settled alike."""
    defective = rng.random(count) < DEFECTIVE
    is_right = rng.random(count) < right
    return np.array(
        [
            settled(truth, said, rng=rng) == said
            for truth, said in zip(
                _classes(defective), _classes(defective == is_right), strict=True
            )
        ],
        dtype=bool,
    )


def settled(truth: str, said: str, *, rng: np.random.Generator) -> str:
    """Let people settle an item: one read where it agrees, more where it does not."""
    answers: list[str | None] = []
    for reader in (READER, READER, SENIOR):
        answers.append(reader.answer(truth, shown=None, rng=rng))
        if answers == [said]:
            return said
        outcome = settle(answers, decided_by_model=None, reads_wanted=2)
        if outcome.settling is Settling.DECIDE and outcome.label_class is not None:
            return outcome.label_class
    return str(answers[-1])


def model_for(agreement: float) -> float:
    """Give how often a model must be right so that people settle as it says so often.

    A share a of readers says what the model said. Then the first one does, or does not
    and the next two do: a + (1 - a) a'a'', with the senior last.
    """

    def alike(first: float, senior: float) -> float:
        return first + (1 - first) * first * senior

    good, bad = 1 - DEFECTIVE, DEFECTIVE
    when_right = good * alike(1 - READER.overkill, 1 - SENIOR.overkill) + bad * alike(
        1 - READER.miss, 1 - SENIOR.miss
    )
    when_wrong = good * alike(READER.overkill, SENIOR.overkill) + bad * alike(
        READER.miss, SENIOR.miss
    )
    return (agreement - when_wrong) / (when_right - when_wrong)


def hard_lines(
    lines: int, *, seed: int, daily: Literal["", "count", "forget"] = ""
) -> dict[str, Any]:
    """Certify lines whose model knows what it does not know, and often must not decide.

    Once on all labels; or at the end of each day until something is certified, which is
    counted as so many attempts, or is not.
    """
    rng = np.random.default_rng([seed, 7])
    delta = delta_of(attempt=1, classes=2)

    def grant(confidence: Floats, wrong: Bools) -> Certificate | None:
        promise = Promise(max_error=TARGET_ESCAPE, delta=delta)
        if not daily:
            return certificate_from(confidence, wrong, promise, fingerprint="live")
        first = -(-promise.fewest // PER_DAY) * PER_DAY
        for attempt, labels in enumerate(range(first, LABELS + 1, PER_DAY), 1):
            counted = attempt if daily == "count" else 1
            tried = certificate_from(
                confidence[:labels],
                wrong[:labels],
                replace(promise, delta=delta_of(attempt=counted, classes=2)),
                fingerprint="live",
            )
            if tried is not None:
                return tried
        return None

    return keep_promises(
        lines,
        max_error=TARGET_ESCAPE,
        grant=grant,
        draw=lambda: (_hard_line(LABELS, rng=rng), _hard_line(FRESH, rng=rng)),
    ) | {"labels_a_line": LABELS, "delta": delta}


def _hard_line(count: int, *, rng: np.random.Generator) -> Labels:
    defective = rng.random(count) < HARD_DEFECTIVE
    x = rng.normal(HARD_DISTANCE * defective)
    prior = np.log(HARD_DEFECTIVE / (1 - HARD_DEFECTIVE))
    return expit(-prior - HARD_DISTANCE * (x - HARD_DISTANCE / 2)), defective


def certified_lines(lines: int, *, pool: int, seed: int) -> dict[str, Any]:
    """Certify lines at 0.5 % escapes, and hold each to it on items it never saw.

    Each line's labels are drawn from one pool of patches that a trained model answered
    and people settled; the rest of the pool is fresh to it.
    """
    rng = np.random.default_rng(seed)
    confidence, escapes = _answered_pool(pool, rng=rng)
    promise = Promise(max_error=TARGET_ESCAPE, delta=delta_of(attempt=1, classes=2))
    return keep_promises(
        lines,
        max_error=promise.max_error,
        grant=lambda sure, wrong: certificate_from(
            sure, wrong, promise, fingerprint="live"
        ),
        draw=lambda: _parted(confidence, escapes, rng=rng),
    ) | {
        "labels_a_line": LABELS,
        "delta": promise.delta,
        "pool": pool,
        "passed_by_the_model": int(confidence.size),
    }


def keep_promises(
    lines: int,
    *,
    max_error: float,
    grant: Callable[[Floats, Bools], Certificate | None],
    draw: Callable[[], tuple[Labels, Labels]],
) -> dict[str, Any]:
    """Certify each line on its labels; count who breaks the promise on fresh items."""
    shares, errors, broken = [], [], 0
    for _line in range(lines):
        (confidence, wrong), (fresh_confidence, fresh_wrong) = draw()
        granted = grant(confidence, wrong)
        if granted is None:
            shares.append(0.0)
            continue
        covered = fresh_confidence >= granted.decides_from
        error = float(fresh_wrong[covered].mean())
        broken += error > max_error
        shares.append(float(covered.mean()))
        errors.append(error)
    return {
        "lines": lines,
        "max_error": max_error,
        "certified": len(errors),
        "broken": broken,
        "mean_error": round(float(np.mean(errors)), 5) if errors else None,
        "largest_error": round(max(errors), 5) if errors else None,
        "mean_share_covered": round(float(np.mean(shares)), 3),
    }


def _parted(
    confidence: Floats, wrong: Bools, *, rng: np.random.Generator
) -> tuple[Labels, Labels]:
    order = rng.permutation(confidence.size)
    mine, rest = order[:LABELS], order[LABELS:]
    return (confidence[mine], wrong[mine]), (confidence[rest], wrong[rest])


def _answered_pool(pool: int, *, rng: np.random.Generator) -> Labels:
    """Draw patches; keep what the model passes: how sure it was, and if wrongly."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "screens.skops"
        screens_model.train(path)
        model = skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))
    x, truth = screens_model.draw(Scene(), pool, rng)
    passed = list(model.classes_).index(OK)
    probability = model.predict_proba(x)[:, passed]
    is_passed = probability >= 1 - probability
    people = [settled(str(t), OK, rng=rng) for t in truth[is_passed]]
    return probability[is_passed], np.array([said != OK for said in people])


def _classes(defective: Bools) -> list[str]:
    return [DEFECT if is_one else OK for is_one in defective]


if __name__ == "__main__":
    main()
