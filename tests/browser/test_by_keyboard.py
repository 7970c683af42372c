"""Everything by keyboard, the focus never lost; and reading and deciding without any JavaScript."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.installation import Installation
from tests.browser.pages import ask_about
from tests.browser.people import ROOM, comes_in, is_live


def focused(page: Page) -> str:
    """Return what has the focus: its tag, id and text; fails when nothing has."""
    told = page.evaluate("(e => `${e.localName}#${e.id} ${e.textContent.slice(0, 300)}`)(document.activeElement)")
    assert not told.startswith("body"), "the focus is lost"
    return str(told)


def test_keys_open_move_and_decide(browser: Browser, installation: Installation) -> None:
    adjuster = comes_in(browser, installation.url, "adjuster")
    supervisor = comes_in(browser, installation.url, "supervisor")
    ask_about(adjuster, supervisor, "claim-CL-4473.md")
    supervisor.reload()
    is_live(supervisor)
    opens_and_closes_dialogs(supervisor)
    walks_to_the_inbox_and_back(supervisor)
    decides(supervisor)
    assert supervisor.locator(".receipt", has_text="CL-4473").count() == 1


def opens_and_closes_dialogs(page: Page) -> None:
    page.locator(".timeline").focus()
    for key, dialog in (("?", "#keys"), ("/", "#palette"), ("Control+k", "#palette")):
        page.keyboard.press(key)
        expect(page.locator(dialog)).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(dialog)).to_be_hidden()
        assert "Timeline" in (page.evaluate("document.activeElement.ariaLabel") or ""), "the focus went elsewhere"
    page.keyboard.press("Escape")
    assert focused(page).startswith("textarea")
    page.keyboard.type("gr?/")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.get_by_label("Message Auto claims").fill("")
    page.locator(".timeline").focus()


def walks_to_the_inbox_and_back(page: Page) -> None:
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url("**/approvals/")
    for _ in range(20):
        page.keyboard.press("j")
        if "Pay $" in focused(page):
            break
    assert "Pay $" in focused(page)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/approvals/[0-9a-f-]{36}/"))
    page.goto(f"{ROOM}runs/")
    page.keyboard.press("j")
    assert focused(page).startswith("tr#run-")
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_url(f"**{ROOM}")


def decides(page: Page) -> None:
    is_live(page)
    for _ in range(60):
        page.keyboard.press("k")
        if "CL-4473" in focused(page) and page.evaluate("!!document.activeElement.querySelector('.ask')"):
            break
    page.keyboard.press("r")
    expect(page.locator("dialog#reject")).to_be_visible()
    assert focused(page).startswith("input")
    page.keyboard.press("Escape")
    expect(page.locator("dialog#reject")).to_be_hidden()
    assert "CL-4473" in focused(page)
    page.keyboard.press("a")
    expect(page.get_by_role("button", name=re.compile(r"^Approve \$"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".receipt", has_text="CL-4473")).to_be_visible(timeout=20_000)
    assert "CL-4473" in focused(page)


def test_reading_and_deciding_need_no_javascript(browser: Browser, installation: Installation) -> None:
    adjuster = comes_in(browser, installation.url, "adjuster")
    approval = ask_about(adjuster, comes_in(browser, installation.url, "supervisor"), "claim-CL-4464.json")
    page = comes_in(browser, installation.url, "supervisor", java_script_enabled=False)
    expect(page.get_by_text("Welcome. Claims come in as documents")).to_be_attached()
    expect(page.locator(".ask", has_text="CL-4464")).to_be_attached()
    page.goto(f"{ROOM}runs/1/")
    expect(page.get_by_role("link", name="letter-CL-4467.md")).to_be_visible()
    page.goto("/approvals/")
    page.locator(f"a[href='/approvals/{approval}/']").click()
    page.get_by_role("button", name="Reject…").click()
    expect(page.locator("dialog#reject")).to_be_visible()
    page.get_by_label("In your words").fill("The ice was salted that morning.")
    page.get_by_role("button", name="Reject", exact=True).click()
    expect(page.get_by_role("heading", name="Decided: rejected")).to_be_visible()
    expect(page.get_by_text("The ice was salted that morning.").first).to_be_visible()
