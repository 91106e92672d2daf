"""How smoothly a picture of 12 megapixels is looked at, in Chromium: times of frames.

./run bench looking --seconds 3

The workbench serves derivatives of at most 2,048 pixels a side; here the browser gets
4,000 x 3,000 in place of one, so that the limit of the server is not what is measured.
"""

import argparse
import io
import random
from typing import Any

from bench import ground
from bench.workbench import CHROMIUM, FLAGS, PASSWORD

SIZE = (4_000, 3_000)
# A frame is what lies between two calls before painting; the first few are a start.
WATCH = """
() => {
  window.frames_ms = [];
  let before = performance.now();
  const note = (now) => {
    window.frames_ms.push(now - before);
    before = now;
    window.watching = requestAnimationFrame(note);
  };
  window.watching = requestAnimationFrame(note);
}
"""
STOP = "() => (cancelAnimationFrame(window.watching), window.frames_ms.slice(2))"
DUE_MS = 1000 / 60
STEPS_A_SECOND = 60


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--chromium", default=CHROMIUM)
    asked = parser.parse_args()
    figures: dict[str, Any] = {"benchmark": "looking", **ground.machine()}
    var = ground.prepare_installation()
    try:
        slug = _line()
        with ground.web_server() as (address, _pid):
            figures |= _measure(slug, address, asked)
        ground.report(figures)
    finally:
        ground.remove(var)


def _line() -> str:
    from reviewapp.models import Modality  # noqa: PLC0415 - Django is set up
    from tests import factories  # noqa: PLC0415 - likewise

    line = factories.make_line("Large", modality=Modality.IMAGE)
    factories.make_inspector(line, "inspector")
    factories.make_content(line, factories.make_picture(SIZE, kind="JPEG"))
    return line.slug


def _large() -> bytes:
    """Draw 12 megapixels that do not compress to nothing."""
    from PIL import Image  # noqa: PLC0415 - after Django, as all of the product

    noise = random.Random(12)  # noqa: S311 - a picture, not a secret
    coarse = Image.frombytes("RGB", (400, 300), noise.randbytes(400 * 300 * 3))
    file = io.BytesIO()
    coarse.resize(SIZE, Image.Resampling.BICUBIC).save(file, "JPEG", quality=90)
    return file.getvalue()


def _measure(slug: str, address: str, asked: argparse.Namespace) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a tool, no need

    large = _large()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=asked.chromium, args=FLAGS)
        version = browser.version
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{address}/sign-in/")
        page.get_by_label("Username").fill("inspector")
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}/")
        page.route(
            "**/medium/",
            lambda route: route.fulfill(body=large, content_type="image/jpeg"),
        )
        page.goto(f"{address}/lines/{slug}/review/")
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-live] [data-picture]")
        page.evaluate("() => document.querySelector('[data-picture]').decode()")
        page.wait_for_timeout(1000)
        runs = [
            {"what": what, **_frames(page, asked.seconds, what)}
            for what in ("still", "drag", "wheel", "tone")
        ]
        browser.close()
    return {
        "chromium": version,
        "pixels": SIZE,
        "jpeg_kb": round(len(large) / 1000),
        "runs": runs,
    }


def _frames(page: Any, seconds: float, what: str) -> dict[str, Any]:  # noqa: ANN401 - playwright's, which is a tool
    """Do one thing with the pointer for some seconds, and give the times of frames."""
    x, y = 500, 400
    page.mouse.move(x, y)
    page.keyboard.press("r")
    if what == "drag":
        for _ in range(4):
            page.keyboard.press("z")
        page.mouse.down()
    if what == "tone":
        page.keyboard.down("b")
        page.mouse.down()
    page.wait_for_timeout(300)
    page.evaluate(WATCH)
    for step in range(int(seconds * STEPS_A_SECOND)):
        way = 1 if step // 30 % 2 == 0 else -1
        if what == "wheel":
            page.mouse.wheel(0, -25 * way)
        elif what != "still":
            x, y = x + 4 * way, y + 2 * way
            page.mouse.move(x, y)
        page.wait_for_timeout(1000 / STEPS_A_SECOND / 2)
    times = sorted(page.evaluate(STOP))
    page.mouse.up()
    page.keyboard.up("b")

    def at(share: float) -> float:
        return round(float(times[min(int(share * len(times)), len(times) - 1)]), 1)

    return {
        "frames": len(times),
        "p50_ms": at(0.5),
        "p95_ms": at(0.95),
        "max_ms": at(1),
        "late_share": round(sum(t > 1.5 * DUE_MS for t in times) / len(times), 4),
    }


if __name__ == "__main__":
    main()
