"""People at their browsers: one context each, so that two are signed in at once."""

from playwright.sync_api import Browser, Page, expect

DESKTOP, PHONE = (1440, 900), (390, 844)
ROOM = "/o/harbor/r/auto-claims/"


def comes_in(browser: Browser, url: str, who: str, size: tuple[int, int] = DESKTOP, **options: object) -> Page:
    """Sign `who` (the part before the @) in with the button of the demo, and return their page, in the room."""
    width, height = size
    settings = {"viewport": {"width": width, "height": height}, "base_url": url, "accept_downloads": True}
    page = browser.new_context(**settings, **options).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(15_000)
    page.goto("/")
    page.click(f"button[value='{who}@harbor.example']")
    page.goto(ROOM)
    return page


def is_live(page: Page) -> None:
    """Wait until the page's socket is up."""
    expect(page.locator(".live")).to_have_attribute("data-link", "on", timeout=15_000)
