"""Where the demo's items come from: real digits, real cell measures, drawn screens.

Each item is made from its number alone, so that a simulated colleague who reads the
number off an item knows what is true of it, also after a restart.
"""

from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any, Protocol

import numpy as np
from PIL import Image
from sklearn.datasets import load_breast_cancer, load_digits

from reviewapp.models import Meaning, Modality
from reviewapp.services.lines import NewClass
from reviewapp.simulation.phone_screens import (
    DrawnItem,
    Kind,
    Light,
    Scene,
    draw_item,
    to_png,
)

SHOWN_PIXELS = 192
SHOWN_COLUMNS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What one item of a source shows."""

    values: dict[str, Any] | None = None
    picture: bytes | None = None


class Source(Protocol):
    """A line's stream of items."""

    slug: str
    name: str
    question: str
    modality: Modality
    classes: tuple[NewClass, ...]

    def columns(self) -> list[dict[str, Any]] | None:
        """Give the columns of a table row; none for pictures."""

    def make(self, number: int, *, scene: str) -> Made:
        """Make the item of a number, as it looks in a scene."""

    def truth(self, number: int, *, scene: str) -> str:
        """Say which class is true of the item of a number in a scene."""


class Digits:
    """Handwritten digits, as scikit-learn ships them."""

    slug = "digits"
    name = "Postal digits"
    question = "Which digit is this?"
    modality: Modality = Modality.IMAGE
    classes: tuple[NewClass, ...] = tuple(NewClass(name=d, key=d) for d in "1234567890")

    def columns(self) -> None:
        """Pictures have no columns."""

    def make(self, number: int, *, scene: str) -> Made:
        """Give the picture of a digit; after the last one they begin again."""
        del scene
        digits = _digits()
        grey = (16 - digits.images[self._place(number)]) / 16 * 255
        picture = Image.fromarray(grey.astype(np.uint8)).resize(
            (SHOWN_PIXELS, SHOWN_PIXELS), Image.Resampling.NEAREST
        )
        return Made(picture=_png(picture))

    def truth(self, number: int, *, scene: str) -> str:
        """Say which digit it is."""
        del scene
        return str(_digits().target[self._place(number)])

    def _place(self, number: int) -> int:
        size = len(_digits().target)
        return _order(size, seed=1)[number % size]


class Cells:
    """Measures of cell nuclei from biopsies, as scikit-learn ships them."""

    slug = "biopsies"
    name = "Biopsies"
    question = "Do these measures look benign?"
    modality: Modality = Modality.TABULAR
    classes: tuple[NewClass, ...] = (
        NewClass(name="Benign", key="benign", meaning=Meaning.PASS),
        NewClass(name="Malignant", key="malignant", meaning=Meaning.REJECT),
    )

    def columns(self) -> list[dict[str, Any]]:
        """Give the ten mean measures, each with the range of most benign cells."""
        cells = _cells()
        benign = cells.data[cells.target == 1]
        return [
            {
                "name": str(cells.feature_names[i]).removeprefix("mean "),
                "kind": "number",
                "low": round(float(np.quantile(benign[:, i], 0.01)), 4),
                "high": round(float(np.quantile(benign[:, i], 0.99)), 4),
            }
            for i in range(SHOWN_COLUMNS)
        ]

    def make(self, number: int, *, scene: str) -> Made:
        """Give one biopsy's measures; after the last one they begin again."""
        del scene
        measured = _cells().data[self._place(number)][:SHOWN_COLUMNS]
        names = [column["name"] for column in self.columns()]
        return Made(values=dict(zip(names, map(float, measured), strict=True)))

    def truth(self, number: int, *, scene: str) -> str:
        """Say what the biopsy was found to be."""
        del scene
        return "benign" if _cells().target[self._place(number)] else "malignant"

    def _place(self, number: int) -> int:
        size = len(_cells().target)
        return _order(size, seed=2)[number % size]


class PhoneScreens:
    """Screen patches drawn by the simulator; the scenes are where the story lies."""

    slug = "phone-screens"
    name = "Phone screens"
    seed = 3
    question = "Is there a defect?"
    modality: Modality = Modality.IMAGE
    classes: tuple[NewClass, ...] = (
        NewClass(name="OK", key="ok", meaning=Meaning.PASS),
        NewClass(
            name="Scratch",
            key="scratch",
            meaning=Meaning.REJECT,
            description="A thin line, also a crack at the rim",
        ),
        NewClass(
            name="Dust", key="dust", meaning=Meaning.REJECT, description="Small dots"
        ),
        NewClass(
            name="Bubble", key="bubble", meaning=Meaning.REJECT, description="A ring"
        ),
    )

    def columns(self) -> None:
        """Pictures have no columns."""

    def make(self, number: int, *, scene: str) -> Made:
        """Draw the patch of a number as it looks in a scene."""
        drawn = self._draw(number, scene=scene)
        return Made(picture=to_png(drawn.pixels, scale=8))

    def truth(self, number: int, *, scene: str) -> str:
        """Say what is on the patch."""
        return ANSWERS[self._draw(number, scene=scene).kind]

    def _draw(self, number: int, *, scene: str) -> DrawnItem:
        rng = np.random.default_rng([self.seed, number])
        return draw_item(SCENES[scene], rng)


class WatchGlasses(PhoneScreens):
    """Another station of the same kind, over which nobody's lamp fails."""

    slug = "watch-glasses"
    name = "Watch glasses"
    seed = 4


ANSWERS = {
    Kind.CLEAN: "ok",
    Kind.LINT: "ok",
    Kind.SCRATCH: "scratch",
    Kind.EDGE_CRACK: "scratch",
    Kind.DUST: "dust",
    Kind.BUBBLE: "bubble",
}
_USUAL = {Kind.SCRATCH: 0.06, Kind.DUST: 0.05, Kind.BUBBLE: 0.05}
SCENES = {
    "usual": Scene(prevalence=_USUAL, amplitude_factor=1.4),
    # fibres of a new cloth: they can be wiped off, and look like scratches
    "lint": Scene(prevalence=_USUAL | {Kind.LINT: 0.25}, amplitude_factor=1.4),
    # a clamp cracks the rim, where the model has never seen a defect
    "rim": Scene(prevalence=_USUAL | {Kind.EDGE_CRACK: 0.12}, amplitude_factor=1.4),
    # the lamp ages: less light, lower contrast, and faint defects vanish in it
    "dark": Scene(
        prevalence={Kind.SCRATCH: 0.16, Kind.DUST: 0.14, Kind.BUBBLE: 0.14},
        amplitude_factor=0.8,
        light=Light(gain=0.6, slope=0.25),
    ),
}


def _png(picture: Image.Image) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


@cache
def _digits() -> Any:  # noqa: ANN401 - scikit-learn's bunch
    return load_digits()


@cache
def _cells() -> Any:  # noqa: ANN401 - scikit-learn's bunch
    return load_breast_cancer()


@cache
def _order(size: int, *, seed: int) -> tuple[int, ...]:
    return tuple(np.random.default_rng(seed).permutation(size).tolist())


SOURCES: tuple[Source, ...] = (PhoneScreens(), Digits(), WatchGlasses(), Cells())
