"""Every page as a picture, light and dark, wide and on a phone: `python -m tests.browser.screens [FOLDER]`.

FOLDER is docs/screens unless said. It starts an installation of its own, and needs the Chromium of the browser tests.
"""

import io
import os
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests import servers
from tests.browser.asked import access_places
from tests.browser.installation import installed
from tests.browser.pages import people, places
from tests.browser.people import DESKTOP, PHONE
from tests.chromium import find_chromium

FOLDER = Path(__file__).parent.parent.parent / "docs" / "screens"
COLOURS = 256
SETTLE_MS = 400


def take(browser: Browser, url: str, folder: Path) -> list[str]:
    """Write one picture of each page, size and theme into `folder`; return the pages' names."""
    at = people(browser, url)
    found = [*places(at), *access_places(at)]
    for place in found:
        page = at[place.who]
        for width, height in (DESKTOP, PHONE):
            page.set_viewport_size({"width": width, "height": height})
            place.open(page)
            for theme in ("light", "dark"):
                _picture(page, folder / f"{place.name}-{width}-{theme}.png", dark=theme == "dark")
    return [place.name for place in found]


def _picture(page: Page, file: Path, *, dark: bool) -> None:
    page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
    page.wait_for_timeout(SETTLE_MS)
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    few = shot.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
    few.save(file, optimize=True)


def main(folder: Path) -> None:
    """Start everything, take the pictures, stop everything."""
    folder.mkdir(parents=True, exist_ok=True)
    started = servers.start_for_run()
    try:
        servers.address_worker("master")
        with installed() as installation, sync_playwright() as playwright:
            sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=sandbox)
            names = take(browser, installation.url, folder)
            browser.close()
        total = sum(file.stat().st_size for file in folder.glob("*.png"))
        print(f"{len(names)} pages, {total / 1_000_000:.1f} MB in {folder}")
    finally:
        if started:
            servers.stop_after_run(started)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
