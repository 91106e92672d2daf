"""The drawn line: known truth, chosen shares, light that can be turned."""

from io import BytesIO

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter
from sklearn.ensemble import HistGradientBoostingClassifier

from reviewapp.simulation.phone_screens import (
    BALANCED,
    SIDE,
    USUAL_PREVALENCE,
    Kind,
    Light,
    Scene,
    Truth,
    draw_item,
    draw_patch,
    to_png,
    truth_of,
)

Pixels = npt.NDArray[np.float64]


def draw_patches(
    n: int,
    *,
    kind: Kind = Kind.CLEAN,
    light: Light | None = None,
    amplitude: float = 0.2,
) -> Pixels:
    rng = np.random.default_rng(1)
    light = light or Light()
    return np.array(
        [draw_patch(kind, light=light, amplitude=amplitude, rng=rng) for _ in range(n)]
    )


def draw_line(scene: Scene, n: int, *, seed: int) -> tuple[Pixels, list[Kind]]:
    rng = np.random.default_rng(seed)
    items = [draw_item(scene, rng) for _ in range(n)]
    return np.array([item.pixels for item in items]), [item.kind for item in items]


def contrast_features(patches: Pixels) -> Pixels:
    """Measure marks away from the rim, which is all that this model looks at."""
    inner = patches[:, 3:-3, 3:-3]
    smooth = gaussian_filter(inner, (0, 1, 1))
    dark = np.sort((smooth - gaussian_filter(inner, (0, 5, 5))).reshape(len(inner), -1))
    curves = [
        gaussian_filter(inner, (0, 1, 1), order=(0, *order))
        for order in ((2, 0), (0, 2), (1, 1))
    ]
    half_gap = np.hypot((curves[0] - curves[1]) / 2, curves[2])
    ridge = np.sort(((curves[0] + curves[1]) / 2 + half_gap).reshape(len(inner), -1))
    return np.column_stack(
        [
            inner.mean((1, 2)),
            inner.std((1, 2)),
            dark[:, 0],
            dark[:, :12].mean(1),
            ridge[:, -1],
            ridge[:, -25:].mean(1),
        ]
    )


@pytest.mark.parametrize("kind", Kind)
def test_a_patch_is_square_and_stays_between_black_and_white(kind: Kind) -> None:
    patches = draw_patches(50, kind=kind, light=Light(gain=1.8, offset=-0.2, slope=0.5))

    assert patches.shape == (50, SIDE, SIDE)
    assert patches.min() >= 0
    assert patches.max() <= 1


def test_a_clean_patch_has_the_stated_brightness_grain_and_texture() -> None:
    patches = draw_patches(2000)

    assert patches.mean() == pytest.approx(0.60, abs=0.002)
    assert patches.mean((1, 2)).std() == pytest.approx(0.6 * 0.01, rel=0.1)
    # noise of 0.03 and a sine of 0.02, whose mean square is half its square
    within = np.sqrt(patches.var((1, 2)).mean())
    assert within == pytest.approx((0.03**2 + 0.02**2 / 2) ** 0.5, rel=0.03)


def test_light_turns_brightness_contrast_and_fall_as_it_says() -> None:
    plain = draw_patches(400)
    dim = draw_patches(400, light=Light(gain=0.85))
    lifted = draw_patches(400, light=Light(offset=0.1))
    slanted = draw_patches(400, light=Light(slope=0.2))

    assert np.allclose(dim, 0.85 * plain)
    assert np.allclose(lifted, plain + 0.1)
    columns = slanted.mean((0, 1)) - plain.mean((0, 1))
    assert np.diff(columns) == pytest.approx(0.2 / SIDE)
    assert columns.mean() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.CLEAN])
def test_a_mark_darkens_the_patch_by_its_amplitude(kind: Kind) -> None:
    darkest = {
        amplitude: draw_patches(300, kind=kind, amplitude=amplitude).min((1, 2)).mean()
        for amplitude in (0.0, 0.15, 0.3)
    }

    assert darkest[0.3] < darkest[0.15] - 0.005
    assert darkest[0.15] < darkest[0.0] - 0.002


def test_an_edge_crack_leaves_the_inside_untouched() -> None:
    with_crack = draw_patches(3000, kind=Kind.EDGE_CRACK, amplitude=0.28)
    rim = np.ones((SIDE, SIDE), dtype=np.bool_)
    rim[2:-2, 2:-2] = False

    assert with_crack[:, ~rim].mean() == pytest.approx(0.6, abs=0.001)
    assert with_crack[:, rim].mean() < 0.598


def test_lint_can_be_wiped_away_and_is_no_defect() -> None:
    assert truth_of(Kind.LINT) is truth_of(Kind.CLEAN) is Truth.OK
    for kind in (Kind.SCRATCH, Kind.DUST, Kind.BUBBLE, Kind.EDGE_CRACK):
        assert truth_of(kind) is Truth.DEFECT


def test_kinds_come_as_often_as_the_scene_says() -> None:
    n = 20_000
    scene = Scene(prevalence={**USUAL_PREVALENCE, Kind.LINT: 0.05})

    _, kinds = draw_line(scene, n, seed=3)

    for kind in Kind:
        share = scene.prevalence.get(kind, 0.0)
        if kind is Kind.CLEAN:
            share = 1 - sum(scene.prevalence.values())
        error = (share * (1 - share) / n) ** 0.5
        assert kinds.count(kind) / n == pytest.approx(share, abs=3.5 * error)


def test_fainter_scenes_draw_fainter_marks() -> None:
    faint = Scene(prevalence={Kind.SCRATCH: 1.0}, amplitude_factor=0.5)

    usual_patches, _ = draw_line(Scene(prevalence={Kind.SCRATCH: 1.0}), 400, seed=4)
    faint_patches, _ = draw_line(faint, 400, seed=4)

    usual_depth = 0.6 - usual_patches.min((1, 2)).mean()
    faint_depth = 0.6 - faint_patches.min((1, 2)).mean()
    assert faint_depth < usual_depth - 0.03


def test_the_same_generator_draws_the_same_line() -> None:
    first, _ = draw_line(Scene(), 20, seed=5)
    again, _ = draw_line(Scene(), 20, seed=5)

    assert np.array_equal(first, again)


def test_shares_that_leave_no_room_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        Scene(prevalence={Kind.SCRATCH: 0.7, Kind.DUST: 0.4})
    with pytest.raises(ValueError, match="do not fit"):
        Scene(prevalence={Kind.SCRATCH: -0.1})
    with pytest.raises(ValueError, match="as dark"):
        Scene(amplitude_factor=-1.0)


def test_a_patch_is_written_large_enough_to_be_seen() -> None:
    pixels = draw_patches(1, kind=Kind.BUBBLE)[0]

    shown = Image.open(BytesIO(to_png(pixels)))
    stored = Image.open(BytesIO(to_png(pixels, scale=1)))

    assert (shown.format, shown.mode, shown.size) == ("PNG", "L", (192, 192))
    assert np.array_equal(np.asarray(stored), np.rint(pixels * 255))
    assert to_png(pixels) == to_png(pixels)


def test_the_line_can_be_learned_and_each_trouble_hurts_as_it_should() -> None:
    patches, kinds = draw_line(BALANCED, 3000, seed=6)
    model = HistGradientBoostingClassifier(random_state=0)
    model.fit(contrast_features(patches), [truth_of(k).value for k in kinds])

    def share_called_defect(kind: Kind, light: Light) -> float:
        rng = np.random.default_rng(7)
        scene = Scene(prevalence={kind: 1.0}, light=light)
        drawn = np.array([draw_item(scene, rng).pixels for _ in range(600)])
        return float((model.predict(contrast_features(drawn)) == Truth.DEFECT).mean())

    usual, dim = Light(), Light(gain=0.85)
    assert share_called_defect(Kind.CLEAN, usual) < 0.05
    assert share_called_defect(Kind.SCRATCH, usual) > 0.9
    assert share_called_defect(Kind.LINT, usual) > 0.8  # taken for a scratch
    assert share_called_defect(Kind.EDGE_CRACK, usual) < 0.1  # never seen
    assert share_called_defect(Kind.DUST, dim) < share_called_defect(Kind.DUST, usual)
