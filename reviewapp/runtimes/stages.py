"""A version of several stages: each a model of its own, one after the other.

A stage may stop an item ("no speech in here"), or tell the next one what it found
("this looks like a customer who reads"). What each stage said is kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reviewapp.runtimes.rows import CannotAnswerError, ItemError, Row
from reviewapp.strictjson import JsonObject, JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One named step.

    An item goes on if the stage's answer is one of ``passes``, or if there are none;
    else the version's answer is ``otherwise``. Where ``informs``, the stage's
    probabilities stand behind the next stage's own features.
    """

    name: str
    sha256: str
    preprocessing: str
    passes: tuple[str, ...] = ()
    otherwise: str = ""
    informs: bool = False

    def to_json(self) -> JsonObject:
        """Write the stage as it is stored and sent."""
        return {
            "name": self.name,
            "sha256": self.sha256,
            "preprocessing": self.preprocessing,
            "passes": list(self.passes),
            "otherwise": self.otherwise,
            "informs": self.informs,
        }


def read_stages(written: JsonValue) -> list[Stage]:
    """Read stages as ``to_json`` writes them."""
    if not isinstance(written, list):
        return []
    return [
        Stage(
            name=str(one["name"]),
            sha256=str(one["sha256"]),
            preprocessing=str(one["preprocessing"]),
            passes=tuple(map(str, _listed(one.get("passes")))),
            otherwise=str(one.get("otherwise") or ""),
            informs=one.get("informs") is True,
        )
        for one in written
        if isinstance(one, dict)
    ]


def _listed(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


@dataclass(slots=True, kw_only=True)
class _Passage:
    """One item on its way: how sure it is to come this far, and what was said of it."""

    reach: float = 1.0
    said: JsonObject
    told: list[float]
    answer: list[float] | ItemError | None = None


Features = Callable[[Stage], Sequence[Row | ItemError]]
Ask = Callable[[Stage, Sequence[Row | ItemError]], tuple[list[str], list[Any]]]


def pass_through(
    stages: Sequence[Stage],
    classes: Sequence[str],
    *,
    count: int,
    features: Features,
    ask: Ask,
) -> list[tuple[list[float] | ItemError, JsonObject]]:
    """Send items through the stages; give each one's answer and what the stages said.

    The answer's probabilities are those of the whole: the chance that a stage stops the
    item goes to that stage's ``otherwise``, the rest to what comes after. Where an item
    is stopped, what would have come after is not asked, and its chance is spread evenly
    over the other classes.

    Parameters
    ----------
    stages : sequence of Stage
        At least one.
    classes : sequence of str
        The version's class keys, in the order of the answer's probabilities.
    count : int
        How many items there are.
    features : callable
        Gives the rows of all items as one stage sees them.
    ask : callable
        Gives a stage's classes, and for each row its probabilities or its error.

    Raises
    ------
    CannotAnswerError
        If a stage knows a class that the version does not have.
    """
    place = {key: position for position, key in enumerate(classes)}
    passages = [_Passage(said={}, told=[]) for _ in range(count)]
    masses = np.zeros((count, len(classes)))
    going = list(range(count))
    for number, stage in enumerate(stages):
        rows = features(stage)
        known, found = ask(stage, [_row(rows[i], passages[i].told) for i in going])
        is_last = number == len(stages) - 1
        for position in [*([] if not is_last else known), *_named(stage)]:
            if position not in place:
                message = f"Stage {stage.name} answers {position!r}, which is no class."
                raise CannotAnswerError("classes_differ", message)
        goes_on = []
        for i, one in zip(going, found, strict=True):
            passage = passages[i]
            if isinstance(one, ItemError):
                passage.answer = ItemError(
                    code=one.code, detail=f"stage {stage.name}: {one.detail}"
                )
                continue
            best = int(np.argmax(one))
            passage.said[stage.name] = {"answer": known[best], "confidence": one[best]}
            if is_last:
                for key, chance in zip(known, one, strict=True):
                    masses[i, place[key]] += passage.reach * chance
                continue
            passage.told += one if stage.informs else []
            if not stage.passes:
                goes_on.append(i)
                continue
            on = sum(one[known.index(key)] for key in stage.passes if key in known)
            masses[i, place[stage.otherwise]] += passage.reach * (1 - on)
            passage.reach *= on
            if known[best] in stage.passes:
                goes_on.append(i)
            else:
                _spread(masses[i], passage.reach, besides=place[stage.otherwise])
        going = goes_on
    return [
        (
            passage.answer if passage.answer is not None else _summing_to_one(mass),
            passage.said,
        )
        for passage, mass in zip(passages, masses, strict=True)
    ]


def _named(stage: Stage) -> list[str]:
    return [stage.otherwise] if stage.passes else []


def _row(row: Row | ItemError, told: Sequence[float]) -> Row | ItemError:
    if isinstance(row, ItemError) or not told:
        return row
    return np.concatenate([row, np.asarray(told, row.dtype)])


def _spread(masses: Row, rest: float, *, besides: int) -> None:
    others = np.arange(len(masses)) != besides
    masses[others] += rest / max(int(others.sum()), 1)


def _summing_to_one(masses: Row) -> list[float]:
    total = float(masses.sum())
    chances: list[float] = (masses / total if total else masses).tolist()
    return chances
