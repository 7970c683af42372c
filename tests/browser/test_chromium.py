"""The browser itself: that it starts and runs scripts, so that a failure elsewhere is ours."""

from playwright.sync_api import Page


def test_chromium_starts_and_runs_scripts(page: Page) -> None:
    page.set_content("<title>Workroom</title><p id=a></p><script>a.textContent = 6 * 7</script>")
    assert page.title() == "Workroom"
    assert page.text_content("#a") == "42"
