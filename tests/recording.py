"""A short recording of the chain coming alive: from an empty workspace to a model that is live, as a GIF.

python -m tests.recording docs/chain.gif
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops

from tests.browser import browser, idle, served

SIZE = (1280, 720)
"""Of the window, in pixels: wide enough for the panel at the side."""
WIDTH = 960
EVERY = 0.12
"""Seconds between two pictures, at least."""
FIRST = 1.5
"""Seconds that the empty chain is seen."""
LAST = 2500
"""Milliseconds that the last picture stays."""
COLOURS = 128


def recorded(page: Any, seconds: float) -> Iterator[tuple[float, Image.Image]]:
    """Yield what the page shows, with the second at which it did, until the model is live and answers are offered."""
    began, left = time.monotonic(), 0.0
    while (now := time.monotonic() - began) < seconds:
        yield now, Image.open(io.BytesIO(page.screenshot(animations="allow"))).convert("RGB")
        if not left and page.get_by_text("Ask about one customer").count():
            left = now + 2.0
        if left and now > left:
            return
        page.wait_for_timeout(1000 * EVERY)


def write(frames: list[tuple[float, Image.Image]], path: Path) -> None:
    """Write pictures as a GIF that plays over and over; a picture that shows nothing new only makes the last longer."""
    height = frames[0][1].height * WIDTH // frames[0][1].width
    small = [(at, image.resize((WIDTH, height), Image.Resampling.LANCZOS)) for at, image in frames]
    kept = [small[0]]
    for at, image in small[1:]:
        if ImageChops.difference(image, kept[-1][1]).getbbox():
            kept.append((at, image))
    ends = [at for at, _ in kept[1:]]
    lengths = [max(int(1000 * (end - at)), 20) for (at, _), end in zip(kept, ends, strict=False)] + [LAST]
    palette = kept[-1][1].quantize(COLOURS, method=Image.Quantize.MEDIANCUT)
    pictures = [image.quantize(palette=palette, dither=Image.Dither.NONE) for _, image in kept]
    pictures[0].save(
        path, save_all=True, append_images=pictures[1:], duration=lengths, loop=0, optimize=True, disposal=1
    )


def main(path: Path) -> None:
    """Record the chain of the sample on a fresh workspace."""
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "workspace") as address, browser() as chromium:
        page = chromium.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
        page.goto(address)
        idle(page)
        page.wait_for_timeout(1500)
        empty = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        page.get_by_role("button", name="Run the chain").click()
        write([(-FIRST, empty), *recorded(page, 60)], path)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
