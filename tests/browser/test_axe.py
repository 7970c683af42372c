"""axe finds nothing to object to on any page, in either theme; and at 320 px, as at 400 % zoom, nothing sticks out."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.asked import access_places
from tests.browser.installation import Installation
from tests.browser.pages import people, places

NARROW = (320, 640)
ALL: dict[str, Any] = {"resultTypes": ["violations"]}
COLOURS = ALL | {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
}  # what a theme changes


def test_no_page_has_a_violation(browser: Browser, installation: Installation) -> None:
    at = people(browser, installation.url)
    found, looked = [], 0
    for place in [*places(at), *access_places(at)]:
        page = at[place.who]
        place.open(page)
        page.emulate_media(color_scheme="light")
        found += [f"{place.name}, light: {each}" for each in violations(page, ALL)]
        page.emulate_media(color_scheme="dark")
        found += [f"{place.name}, dark: {each}" for each in violations(page, COLOURS)]
        found += [f"{place.name}: {each} sticks out at {NARROW[0]} px" for each in sticking_out(page)]
        looked += 1
    assert looked >= 30, "pages are missing"
    assert not found, "\n".join(found)


def sticking_out(page: Page) -> list[str]:
    """Return how far the page is wider than a narrow window, if it is; the window is put back."""
    usual = page.viewport_size or {"width": 1440, "height": 900}
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    page.set_viewport_size(usual)
    return [f"{over} px"] if over > 0 else []


def violations(page: Page, rules: dict[str, Any]) -> list[str]:
    response = Axe().run(page, options=rules).response
    return [
        f"{rule['id']} at {'; '.join(str(node['target']) for node in rule['nodes'][:4])}: {rule['help']}"
        for rule in response["violations"]
    ]
