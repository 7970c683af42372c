"""Browser tests drive a real Chromium; where there is none they are skipped loudly, and with CI=true they fail."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.installation import Installation, installed
from tests.chromium import find_chromium

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's own loop runs in the thread of the test
MISSING = "no Chromium: install one, or name it in CHROMIUM"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark this directory's tests, and skip them where no browser is found and nobody insists."""
    item.add_marker(pytest.mark.browser)
    if find_chromium() is None and os.environ.get("CI") != "true":
        item.add_marker(pytest.mark.skip(reason=MISSING))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start the system's Chromium; root, as in a container, has no sandbox for it."""
    path = find_chromium()
    if path is None:
        pytest.fail(MISSING)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return browser_type_launch_args | {"executable_path": path, "args": sandbox}


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """Web, worker and clock with the demo, for all tests of this process."""
    with installed() as installation:
        yield installation
