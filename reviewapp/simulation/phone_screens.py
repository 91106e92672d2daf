"""Phone-screen patches drawn with known defects, light and drift: a line to try on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
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
SHOWN_SIDE = 192

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """How the camera sees: ``gain`` times the surface, plus ``offset``, plus a fall
    of ``slope`` from the left rim to the right.
    """

    gain: float = 1.0
    offset: float = 0.0
    slope: float = 0.0


USUAL_PREVALENCE: Mapping[Kind, float] = MappingProxyType(
    {Kind.SCRATCH: 0.02, Kind.DUST: 0.015, Kind.BUBBLE: 0.01}
)
