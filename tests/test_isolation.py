"""The isolation table: every page, call and socket, first by the rightful person, then by those whose it is not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.cast import Cast
from tests.isolation import access, acting, boundaries, intervening, ledger, limits, rooms, trials, work
from tests.isolation.addresses import everything
from tests.isolation.rows import Asked, Row, asked
from tests.isolation.world import World, make_world
from workrooms.listening import Credential, place_of

SOCKETS = {"ws/workrooms/<str:room>"}
ROWS: dict[str, Row] = rooms.PAGES | rooms.CALLS | work.PAGES | work.CALLS | ledger.PAGES | ledger.CALLS | ledger.HOLDS
ROWS |= intervening.PAGES | intervening.CALLS | trials.PAGES | trials.CALLS
ROWS |= boundaries.PAGES | boundaries.CALLS
ROWS |= limits.PAGES | limits.CALLS
ROWS |= acting.PAGES | acting.CALLS
ROWS |= access.PAGES | access.CALLS
DESTROYS_LAST = ("archive", "stop")


def test_every_address_is_in_the_table() -> None:
    known = {*ROWS, *rooms.PUBLIC, *work.PUBLIC, *acting.PUBLIC, *SOCKETS}
    unlisted = {address for address in everything() - known if not address.startswith("account/")}
    assert sorted(unlisted) == [], "give each a row in tests/isolation/"
    assert sorted(known - everything()) == [], "no such address any more"


@pytest.fixture
def world(cast: Cast, tmp_path: Path) -> World:
    """A room with something of everything."""
    return make_world(cast, tmp_path)


def ask(browser: Client, method: str, request: Asked) -> Any:
    """Send the request."""
    if request.json:
        body, kind = json.dumps(request.data), "application/json"
        return browser.generic(method, request.path, body, kind, headers=request.headers)
    send: Callable[..., Any] = getattr(browser, method.lower())
    return (
        send(request.path, request.data, headers=request.headers)
        if request.data
        else send(request.path, headers=request.headers)
    )


def try_row(world: World, address: str, row: Row) -> list[str]:
    """Return what was wrong; print the row."""
    request = asked(row, world)
    rightful = ask(world.browser(row.who), row.method, request).status_code
    wrong = [] if rightful < 400 else [f"{address}: {row.who} got {rightful}"]
    got = {}
    for name, allowed in row.refused.items():
        got[name] = ask(world.browser(name), row.method, again(request)).status_code
        if got[name] not in allowed:
            wrong.append(f"{address}: {name} got {got[name]}, not {allowed}")
    nobody = ask(Client(), row.method, again(request)).status_code
    if nobody not in (302, 401, 403, 404) and not row.hidden:
        wrong.append(f"{address}: nobody signed in got {nobody}")
    if row.hidden:
        answer = ask(world.browser("mallory"), row.method, again(request))
        if str(world.cast.room.id) in answer.getvalue().decode() or "secret" in answer.getvalue().decode():
            wrong.append(f"{address}: Mallory sees Harbor's")
    refusals = " ".join(f"{name} {status}" for name, status in got.items()) or "own only"
    print(f"{row.method:6} {address:66} {row.who} {rightful}  {refusals}  nobody {nobody}")
    return wrong


def again(request: Asked) -> Asked:
    """The same request once more: files that were read are rewound."""
    for value in request.data.values() if isinstance(request.data, dict) else ():
        if hasattr(value, "seek"):
            value.seek(0)
    return request


def test_the_isolation_table(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    wrong: list[str] = []
    ordered = sorted(ROWS.items(), key=lambda item: any(word in item[0] for word in DESTROYS_LAST))
    with capsys.disabled():
        print()
        for address, row in ordered:
            wrong += try_row(world, address, row)
            if "archive" in address:
                world.browser("alice").post(f"{world.cast.path}restore/")
    assert wrong == [], "\n".join(wrong)


def test_the_socket_is_for_participants(world: World) -> None:
    def heard(name: str) -> Any:
        key = world.browser(name).cookies["sessionid"].value
        return place_of(Credential(session_key=key), str(world.cast.room.id))

    assert heard("alice").room_id == heard("vera").room_id == world.cast.room.id
    assert [heard(name) for name in ("charlie", "rae", "mallory")] == [None] * 3
    with pytest.raises(PermissionError):
        place_of(Credential(session_key="none"), "auto-claims")
