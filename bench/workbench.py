"""From the press of a key to the next picture painted, in Chromium, by size of hand.

./run bench workbench --answers 100 --hands 1 2

Beside it the page's weight, its requests, how far anything moved, and when a browser
that has never been here can be used.
"""

import argparse
import io
import random
import statistics
from typing import Any

from bench import ground

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
PASSWORD = "a-long-enough-password"  # noqa: S105 - of a throw-away installation
SIDE_PX = 490
WARM_UP = 5

# A picture is painted when it is another one, decoded, and a frame has passed.
WATCH = """
() => {
  window.moved = { all: 0, outside: 0 };
  const isListed = ({ node }) => node?.parentElement?.closest("#answers");
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) {
      window.moved.all += value;
      if (!sources.every(isListed)) window.moved.outside += value;
    }
  }).observe({ type: "layout-shift", buffered: true });
}
"""
# The clock starts with the key itself; a press that leads nowhere ends in words.
ANSWER = """
() => {
  const picture = () => document.querySelector("[data-picture]");
  const was = picture().src;
  window.painted = new Promise((resolve, reject) => {
    addEventListener("keydown", ({ timeStamp }) => {
      const look = async () => {
        const now = picture();
        const late = performance.now() - timeStamp > 8000;
        if (late) return reject(new Error("no next picture within 8 s"));
        const isNext = now && now.src !== was && now.complete;
        if (!isNext) return requestAnimationFrame(look);
        await now.decode();
        requestAnimationFrame(() =>
          setTimeout(() => resolve(performance.now() - timeStamp)));
      };
      look();
    }, { once: true, capture: true });
  });
}
"""
# The scripts have run, as they do before this event, and the picture is painted.
USABLE = """
async () => {
  if (document.readyState === "loading")
    await new Promise((resolve) => addEventListener("DOMContentLoaded", resolve));
  await document.querySelector("[data-picture]").decode();
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  return performance.now();
}
"""
COLD_LOADS = 20
SAVED = '#saved:text-is("Saved")'


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=100)
    parser.add_argument("--hands", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--chromium", default=CHROMIUM)
    asked = parser.parse_args()
    figures: dict[str, Any] = {"benchmark": "workbench", **ground.machine()}
    var = ground.prepare_installation()
    try:
        lines = {hand: _line(hand, asked.answers) for hand in asked.hands}
        with ground.web_server() as (address, _pid):
            figures |= _measure(lines, address, asked)
        ground.report(figures)
    finally:
        ground.remove(var)


def _line(hand: int, answers: int) -> tuple[str, float]:
    """Make a line with an inspector and pictures; give its address and their kB."""
    from reviewapp.models import Modality, Payload  # noqa: PLC0415 - Django is set up
    from reviewapp.services import media  # noqa: PLC0415 - likewise
    from tests import factories  # noqa: PLC0415 - likewise

    line = factories.make_line(
        f"Hand of {hand}", modality=Modality.IMAGE, hand_size=hand
    )
    factories.make_inspector(line, f"inspector-{hand}")
    noise = random.Random(hand)  # noqa: S311 - pictures, not secrets
    for _ in range(answers + WARM_UP + 5):
        factories.make_content(line, _picture(noise))
    sizes = []
    for path in Payload.objects.filter(item__line=line).values_list("media_path")[:20]:
        with media.open_medium(path[0]) as file:
            sizes.append(len(file.read()) / 1000)
    return line.slug, round(statistics.mean(sizes), 1)


def _picture(noise: random.Random) -> bytes:
    """Draw a picture that hardly compresses, of about 200 kB once it is derived."""
    from PIL import Image  # noqa: PLC0415 - after Django, as all of the product

    size = (SIDE_PX, SIDE_PX)
    image = Image.frombytes("L", size, noise.randbytes(SIDE_PX * SIDE_PX))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=80)
    return file.getvalue()


def _measure(
    lines: dict[int, tuple[str, float]], address: str, asked: argparse.Namespace
) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a tool, no need

    runs = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=asked.chromium, args=FLAGS)
        version = browser.version
        for hand, (slug, kilobytes) in lines.items():
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"{address}/sign-in/")
            page.get_by_label("Username").fill(f"inspector-{hand}")
            page.get_by_label("Password").fill(PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url(f"{address}/")
            page.goto(f"{address}/lines/{slug}/review/")
            loaded = _Loaded(page)
            page.keyboard.press("Enter")
            page.wait_for_selector("[data-picture]")
            page.wait_for_load_state("networkidle")
            weight = loaded.weight()
            cold = _load_cold(page)
            page.evaluate(WATCH)
            times = [_answer(page) for _ in range(asked.answers + WARM_UP)][WARM_UP:]
            runs.append(
                {
                    "hand": hand,
                    "medium_kb": kilobytes,
                    **_summary(times),
                    **_moved(page),
                    **weight,
                    "cold_load": _summary(cold),
                }
            )
            page.close()
        browser.close()
    return {"chromium": version, "answers": asked.answers, "runs": runs}


def _load_cold(page: Any) -> list[float]:  # noqa: ANN401 - likewise
    """Load the page in browsers with only a session; give when each can be used."""
    signed_in = page.context.storage_state()
    times = []
    for _ in range(COLD_LOADS):
        fresh = page.context.browser.new_context(
            storage_state=signed_in, viewport=page.viewport_size
        )
        cold = fresh.new_page()
        cold.goto(page.url, wait_until="commit")
        times.append(cold.evaluate(USABLE))
        fresh.close()
    return times


def _answer(page: Any) -> float:  # noqa: ANN401 - playwright's, which is a tool
    page.evaluate(ANSWER)
    page.keyboard.press("1")
    took: float = page.evaluate("() => window.painted")
    page.wait_for_selector(SAVED)
    page.wait_for_timeout(150)  # a person looks before the next answer
    return took


def _moved(page: Any) -> dict[str, float]:  # noqa: ANN401 - likewise
    """Sum how far things moved: all, and what is not the list of the last answers."""
    moved = page.evaluate("() => window.moved")
    return {
        "layout_shift": round(moved["all"], 4),
        "layout_shift_outside_the_list": round(moved["outside"], 4),
    }


class _Loaded:
    """What a fresh browser asked for since the page before, media aside."""

    def __init__(self, page: Any) -> None:  # noqa: ANN401 - likewise
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        self._kinds: dict[str, str] = {}
        self._bytes: dict[str, int] = {}
        session.on("Network.responseReceived", self._note)
        session.on("Network.loadingFinished", self._finish)
        self._session = session

    def _note(self, event: dict[str, Any]) -> None:
        self._kinds[event["requestId"]] = event["response"]["url"]

    def _finish(self, event: dict[str, Any]) -> None:
        self._bytes[event["requestId"]] = int(event["encodedDataLength"])

    def weight(self) -> dict[str, int]:
        """Sum what came, and give the browser its cache back."""
        self._session.send("Network.setCacheDisabled", {"cacheDisabled": False})
        # Without a cache the icon comes twice, as a picture and as the tab's.
        own = {url: i for i, url in self._kinds.items() if not url.endswith("/medium/")}
        return {
            "requests": len(own),
            "compressed_bytes": sum(self._bytes.get(i, 0) for i in own.values()),
        }


def _summary(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)

    def at(share: float) -> float:
        return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)], 1)

    return {"p50_ms": at(0.5), "p95_ms": at(0.95), "max_ms": at(1)}


if __name__ == "__main__":
    main()
