"""The input metrics of pictures, on pictures whose values are known."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from reviewapp.modalities.image import measure, read_image


def encoded(picture: Image.Image, kind: str) -> bytes:
    file = BytesIO()
    picture.save(file, kind)
    return file.getvalue()


def test_brightness_and_contrast_are_shares_of_full_white() -> None:
    black = read_image(encoded(Image.new("L", (9, 9), 0), "PNG"), name="a")
    half = np.zeros((10, 10), np.uint8)
    half[:5] = 255
    split = read_image(encoded(Image.fromarray(half), "PNG"), name="a")

    assert measure(black) == {
        "brightness": 0.0,
        "contrast": 0.0,
        "sharpness": 0.0,
        "width": 9.0,
        "height": 9.0,
        "bytes": float(black.original_size),
    }
    assert measure(split)["brightness"] == 0.5
    assert measure(split)["contrast"] == 0.5


def test_sharpness_is_the_variance_of_the_laplacian() -> None:
    dot = np.zeros((5, 5), np.uint8)
    dot[2, 2] = 100
    expected = np.zeros((5, 5))
    expected[2, 2] = -400
    expected[1, 2] = expected[3, 2] = expected[2, 1] = expected[2, 3] = 100

    found = measure(read_image(encoded(Image.fromarray(dot), "PNG"), name="a"))

    assert found["sharpness"] == pytest.approx(expected.var())


def test_a_blurred_picture_is_less_sharp() -> None:
    noise = np.random.default_rng(2).integers(0, 255, (64, 64), np.uint8)
    sharp = Image.fromarray(noise)
    blurred = sharp.resize((16, 16)).resize((64, 64))

    found = [
        measure(read_image(encoded(picture, "PNG"), name="a"))["sharpness"]
        for picture in (sharp, blurred)
    ]

    assert found[0] > 10 * found[1] > 0


def test_a_single_pixel_is_a_picture() -> None:
    payload = read_image(encoded(Image.new("L", (1, 1), 51), "PNG"), name="a")
    assert measure(payload)["brightness"] == pytest.approx(0.2)
