"""Phone-screen patches drawn with known defects, light and drift: a line to try on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from io import BytesIO
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.float64]

SIDE = 24
BASE = 0.60
TEXTURE = 0.02
NOISE = 0.03
LIGHTING_SPREAD = 0.01
AMPLITUDES = (0.08, 0.28)
LINE, DOT = 0.021, 0.028  # half widths; patches are 1 across
EDGE_CRACK_STRENGTH = 0.35
SOFTNESS = 0.02
PNG_EFFORT = 4  # two fifths of the time of the usual 6, 3 % larger
ROUNDING = 1e-9

# row and column of each pixel's centre, from -0.5 to 0.5 across the patch
PLACES = (np.arange(SIDE) + 0.5) / SIDE - 0.5
ROWS, COLUMNS = np.meshgrid(PLACES, PLACES, indexing="ij")


class Kind(StrEnum):
    """What is on a patch."""

    CLEAN = "clean"
    SCRATCH = "scratch"
    DUST = "dust"
    BUBBLE = "bubble"
    EDGE_CRACK = "edge_crack"
    LINT = "lint"


class Truth(StrEnum):
    """What an inspector ought to answer."""

    OK = "ok"
    DEFECT = "defect"


def truth_of(kind: Kind) -> Truth:
    """Say whether a kind is a defect; lint is not, since it can be wiped away."""
    return Truth.OK if kind in {Kind.CLEAN, Kind.LINT} else Truth.DEFECT


USUAL_PREVALENCE: Mapping[Kind, float] = MappingProxyType(
    {Kind.SCRATCH: 0.02, Kind.DUST: 0.015, Kind.BUBBLE: 0.01}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """How the camera sees: gain times the surface, plus offset, plus a slope.

    ``slope`` is how much brighter the right rim is than the left.
    """

    gain: float = 1.0
    offset: float = 0.0
    slope: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What comes down the line: how often each kind, how faint, and in which light.

    ``prevalence`` is the share of each kind that is not clean; the rest is.
    ``amplitude_factor`` below 1 makes every mark fainter than the model has learned.
    """

    prevalence: Mapping[Kind, float] = field(default_factory=lambda: USUAL_PREVALENCE)
    light: Light = field(default_factory=Light)
    amplitude_factor: float = 1.0

    def __post_init__(self) -> None:
        """Refuse shares that leave no room for clean patches."""
        marked = [s for kind, s in self.prevalence.items() if kind is not Kind.CLEAN]
        if any(share < 0 for share in marked) or sum(marked) > 1 + ROUNDING:
            raise ValueError(f"Kinds with shares {marked} do not fit on one line.")
        if self.amplitude_factor < 0:
            raise ValueError(f"Marks cannot be {self.amplitude_factor} times as dark.")


BALANCED = Scene(
    prevalence=MappingProxyType(
        {Kind.SCRATCH: 1 / 6, Kind.DUST: 1 / 6, Kind.BUBBLE: 1 / 6}
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnItem:
    """One patch, with what is truly on it."""

    kind: Kind
    truth: Truth
    pixels: Pixels


def draw_item(scene: Scene, rng: np.random.Generator) -> DrawnItem:
    """Draw the next patch of a line."""
    kind = _draw_kind(scene, rng)
    amplitude = scene.amplitude_factor * rng.uniform(*AMPLITUDES)
    pixels = draw_patch(kind, light=scene.light, amplitude=amplitude, rng=rng)
    return DrawnItem(kind=kind, truth=truth_of(kind), pixels=pixels)


def draw_patch(
    kind: Kind, *, light: Light, amplitude: float, rng: np.random.Generator
) -> Pixels:
    """Draw one patch of 24 by 24 pixels from 0, black, to 1, white.

    The light acts on marks and grain alike. In less light a mark is as plain to a
    person as before, while a model that learned its darkness lets it pass, and is the
    surer of it.

    Parameters
    ----------
    kind : Kind
        What is on the patch.
    light : Light
        How the camera sees.
    amplitude : float
        How much darker than the screen a mark is; an edge crack is about a third of it.
    rng : numpy.random.Generator
        Places the mark and makes the noise.
    """
    texture = TEXTURE * np.sin(2 * np.pi * (3 * COLUMNS + ROWS + rng.random()))
    surface = BASE + texture - amplitude * SHAPES[kind](rng)
    grain = rng.normal(0, NOISE, (SIDE, SIDE))
    gain = light.gain * rng.normal(1, LIGHTING_SPREAD)
    seen = gain * (surface + grain) + light.offset + light.slope * COLUMNS
    return np.clip(seen, 0.0, 1.0)


def to_png(pixels: Pixels, *, scale: int = 8) -> bytes:
    """Write a patch as a grey PNG, enlarged smoothly so that people can see it."""
    levels = np.rint(pixels * 255).astype(np.uint8)
    small = Image.fromarray(levels)
    height, width = levels.shape
    large = small.resize((width * scale, height * scale), Image.Resampling.BICUBIC)
    file = BytesIO()
    large.save(file, format="PNG", compress_level=PNG_EFFORT)
    return file.getvalue()


def _draw_kind(scene: Scene, rng: np.random.Generator) -> Kind:
    left = rng.random()
    for kind, share in scene.prevalence.items():
        if kind is Kind.CLEAN:
            continue  # whatever is not marked is clean
        if left < share:
            return kind
        left -= share
    return Kind.CLEAN


def _nothing(rng: np.random.Generator) -> Pixels:  # noqa: ARG001 - all shapes alike
    return np.zeros((SIDE, SIDE))


def _scratch(rng: np.random.Generator) -> Pixels:
    """A straight line with soft ends."""
    angle = rng.uniform(0, np.pi)
    row, column = rng.uniform(-0.25, 0.25, 2)
    along = (ROWS - row) * np.sin(angle) + (COLUMNS - column) * np.cos(angle)
    across = (ROWS - row) * np.cos(angle) - (COLUMNS - column) * np.sin(angle)
    return _ridge(across, width=LINE) * _within(along, rng.uniform(0.2, 0.45))


def _dust(rng: np.random.Generator) -> Pixels:
    """Four dots."""
    dots = np.zeros((SIDE, SIDE))
    for row, column in rng.uniform(-0.42, 0.42, (4, 2)):
        dots = np.maximum(
            dots, _ridge(np.hypot(ROWS - row, COLUMNS - column), width=DOT)
        )
    return dots


def _bubble(rng: np.random.Generator) -> Pixels:
    """A ring."""
    row, column = rng.uniform(-0.25, 0.25, 2)
    from_centre = np.hypot(ROWS - row, COLUMNS - column)
    return _ridge(from_centre - rng.uniform(0.1, 0.22), width=LINE)


def _edge_crack(rng: np.random.Generator) -> Pixels:
    """A faint wavering line along one rim, where the model was never taught to look."""
    depth = 0.48 + 0.01 * np.sin(2 * np.pi * (2 * COLUMNS + rng.random()))
    reach = _within(COLUMNS - rng.uniform(-0.25, 0.25), rng.uniform(0.15, 0.35))
    crack = EDGE_CRACK_STRENGTH * _ridge(ROWS - depth, width=LINE) * reach
    return np.rot90(crack, int(rng.integers(4)))


def _lint(rng: np.random.Generator) -> Pixels:
    """A curved fibre, as dark as a scratch."""
    radius, angle = rng.uniform(0.15, 0.4), rng.uniform(-np.pi, np.pi)
    row, column = rng.uniform(-0.2, 0.2, 2)
    rows = ROWS - row + radius * np.sin(angle)
    columns = COLUMNS - column + radius * np.cos(angle)
    turned = np.angle(np.exp(1j * (np.arctan2(rows, columns) - angle)))
    fibre = _ridge(np.hypot(rows, columns) - radius, width=LINE)
    return fibre * _within(radius * turned, rng.uniform(0.2, 0.4))


def _ridge(distance: Pixels, *, width: float) -> Pixels:
    return np.exp(-0.5 * (distance / width) ** 2)


def _within(distance: Pixels, reach: float) -> Pixels:
    """Fade from 1 to 0 where the distance passes the reach."""
    return 1 / (1 + np.exp((np.abs(distance) - reach) / SOFTNESS))


SHAPES: Mapping[Kind, Callable[[np.random.Generator], Pixels]] = MappingProxyType(
    {
        Kind.CLEAN: _nothing,
        Kind.SCRATCH: _scratch,
        Kind.DUST: _dust,
        Kind.BUBBLE: _bubble,
        Kind.EDGE_CRACK: _edge_crack,
        Kind.LINT: _lint,
    }
)
