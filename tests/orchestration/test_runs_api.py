"""Runs and approvals over the API, and what agents work with."""

from pathlib import Path
from typing import Any

import pytest

from accounts.tenancy import unit_of_work
from orchestration.engine import work
from orchestration.models import Endpoint, Run
from orchestration.sources.places import sources_folder
from tests.cast import Cast
from tests.orchestration.claims_room import paper
from tests.orchestration.offices import Program, case, question, settled
from workrooms.actions.documents import add_revision
from workrooms.models import Document

ROOM = "/workrooms/auto-claims"


def test_a_run_from_its_start_to_its_decision(cast: Cast, tmp_path: Path) -> None:
    settled(cast, tmp_path)
    bob, pat = Program(cast, cast.bob), Program(cast, cast.pat)
    with unit_of_work(cast.harbor):
        document = paper(cast, case("CL-4466"))
    asked = {"team": "auto-claims", "goal": "Settle it", "documents": [str(document.id)], "budget": {"cost_cents": 3}}
    begun = bob.send("POST", f"{ROOM}/runs", asked, 202)
    assert (begun["number"], begun["state"], begun["spent"]["turns"]) == (1, "queued", 0)
    run = Run(id=begun["id"])
    work(cast.harbor.id, run.id)
    shown = bob.get(f"/runs/{begun['id']}")
    assert shown["state"] == "waiting" and len(shown["children"]) == 1 and shown["spent"]["cost_cents"] == 0
    turns = bob.get(f"/runs/{begun['id']}/turns")["items"]
    assert [turn["agent"] for turn in turns] == ["intake", "coverage", "fraud", "assessor", "adjudicator"]
    assert turns[0]["calls"][0]["tool"] == "documents.read" and turns[0]["calls"][0]["decision"]
    waiting = pat.get("/approvals?state=open&room=auto-claims")["items"]
    assert [(one["title"], one["may_decide"]) for one in waiting] == [
        ("Pay $12,480.50 to Dana Whitfield for CL-4466", True)
    ]
    assert bob.get(f"/approvals/{waiting[0]['id']}")["may_decide"] is False
    answer = {"decision": "edit", "digest": waiting[0]["digest"], "edits": {"payout_cents": 900000}, "reason": "Less"}
    decided = pat.send("POST", f"/approvals/{waiting[0]['id']}/decisions", answer, 201)
    assert (decided["state"], decided["decisions"][0]["edits"]) == ("approved", {"payout_cents": 900000})
    work(cast.harbor.id, run.id)
    ended = bob.get(f"/runs/{begun['id']}")
    assert ended["state"] == "finished" and ended["result"]["claim_number"] == "CL-4466"
    assert pat.get(f"/approvals/{waiting[0]['id']}")["execution"] == "executed"


def test_the_list_has_filters_and_pages(cast: Cast, tmp_path: Path) -> None:
    settled(cast, tmp_path, "CL-4466", "CL-4467")
    vera = Program(cast, cast.vera)
    first = vera.get(f"{ROOM}/runs?limit=1")
    assert ([run["number"] for run in first["items"]], first["total"]) == ([1], 2)
    second = vera.get(f"{ROOM}/runs?limit=1&after={first['next']}")
    assert ([run["number"] for run in second["items"]], second["next"]) == ([2], None)
    assert [run["number"] for run in vera.get(f"{ROOM}/runs?state=finished")["items"]] == [2]
    assert vera.get(f"{ROOM}/runs?state=odd", 422)["errors"][0]["path"] == "state"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"team": "nobody", "goal": "x"}, 404),
        ({"team": "auto-claims", "goal": ""}, 422),
        ({"team": "auto-claims", "goal": "x", "documents": ["0190a2b0-0000-7000-8000-000000000000"]}, 404),
        ({"team": "auto-claims", "goal": "x", "documents": ["odd"]}, 422),
        ({"team": "auto-claims", "goal": "x", "budget": {"cost_cents": -1}}, 422),
        ({"goal": "x"}, 422),
    ],
)
def test_what_cannot_start(cast: Cast, tmp_path: Path, asked: dict[str, Any], status: int) -> None:
    settled(cast, tmp_path)
    refused = Program(cast, cast.bob).send("POST", f"{ROOM}/runs", asked, status)
    assert refused["status"] == status and refused["detail"]
    with unit_of_work(cast.harbor):
        assert not Run.objects.exists()


def test_the_same_key_starts_one_run(cast: Cast, tmp_path: Path) -> None:
    settled(cast, tmp_path)
    bob, asked = Program(cast, cast.bob), {"team": "auto-claims", "goal": "Settle it"}
    bob.headers["Idempotency-Key"] = "one"
    first, again = (bob.send("POST", f"{ROOM}/runs", asked, 202) for _ in range(2))
    assert first["id"] == again["id"]
    with unit_of_work(cast.harbor):
        assert Run.objects.count() == 1


def test_stopping(cast: Cast, tmp_path: Path) -> None:
    settled(cast, tmp_path, "CL-4466")
    bob = Program(cast, cast.bob)
    run = bob.get(f"{ROOM}/runs")["items"][0]
    Program(cast, cast.vera).send("POST", f"/runs/{run['id']}/stop", status=403)
    assert bob.send("POST", f"/runs/{run['id']}/stop", status=202)["state"] == "stopping"
    work(cast.harbor.id, run["id"])
    bob.send("POST", f"/runs/{run['id']}/stop", status=409)


def test_a_batch_is_started_once(cast: Cast, tmp_path: Path) -> None:
    settled(cast, tmp_path)
    bob = Program(cast, cast.bob)
    rows = [{"policy_number": str(number)} for number in (1, 2, 2)]
    first = bob.send("POST", f"{ROOM}/runs/batch", {"team": "auto-claims", "rows": rows, "limit": 2}, 202)
    again = bob.send("POST", f"{ROOM}/runs/batch", {"team": "auto-claims", "rows": rows}, 202)
    assert (first["runs"], again["runs"], first["id"]) == (2, 3, again["id"])
    text = "a,b\n1,2\n3\n"
    refused = bob.send("POST", f"{ROOM}/runs/batch", {"team": "auto-claims", "csv": text}, 422)
    assert refused["errors"] == [{"path": "line 3", "message": "expected 2 cells, found 1"}]
    bob.send("POST", f"{ROOM}/runs/batch", {"team": "auto-claims"}, 422)


def test_decided_and_stale_answers_are_conflicts(cast: Cast, tmp_path: Path) -> None:
    settled(cast, tmp_path, "CL-4466")
    pat, asked = Program(cast, cast.pat), question(cast)
    decisions = f"/approvals/{asked.id}/decisions"
    pat.send("POST", decisions, {"decision": "approve", "digest": "0" * 64}, 409)
    with unit_of_work(cast.harbor):
        add_revision(Document.objects.get(), actor=cast.bob, content=b"# Another claim", expected=1)
    changed = pat.send("POST", decisions, {"decision": "approve", "digest": asked.digest}, 409)
    assert "A document changed" in changed["detail"]
    assert pat.get(f"/approvals/{asked.id}")["state"] == "superseded"
    fresh = question(cast)
    pat.send("POST", f"/approvals/{fresh.id}/decisions", {"decision": "approve", "digest": fresh.digest}, 201)
    late = pat.send("POST", f"/approvals/{fresh.id}/decisions", {"decision": "approve", "digest": fresh.digest}, 409)
    assert "Pat already decided" in late["detail"]


def test_missing_and_foreign_look_the_same(cast: Cast, tmp_path: Path) -> None:
    settled(cast, tmp_path, "CL-4466")
    mallory, asked = Program(cast, cast.mallory, cast.outsider), question(cast)
    for path in (f"/approvals/{asked.id}", f"/runs/{asked.run_id}", f"/runs/{asked.run_id}/turns", f"{ROOM}/runs"):
        mallory.get(path, 404)
    assert mallory.get("/approvals")["items"] == []


def test_owners_set_endpoints_and_never_see_keys(cast: Cast) -> None:
    alice, bob = Program(cast, cast.alice), Program(cast, cast.bob)
    given = {"url": "https://9.9.9.9/v1", "model": "big", "key": "sk-secret", "price": "2.50/10.00"}
    shown = alice.send("PUT", "/endpoints/big", given)
    assert shown["key"] is True and "secret" not in str(shown) and shown["price"]
    del given["key"]
    assert alice.send("PUT", "/endpoints/big", {**given, "model": "bigger"})["key"] is True
    assert alice.get("/endpoints/big")["model"] == "bigger"
    bob.send("PUT", "/endpoints/big", given, 403)
    bob.get("/endpoints", 403)
    for wrong, path in (({"price": "cheap"}, "price"), ({"url": "http://127.0.0.1/"}, "url"), ({"model": ""}, "model")):
        assert alice.send("PUT", "/endpoints/other", {**given, **wrong}, 422)["errors"][0]["path"] == path
    alice.send("PUT", "/endpoints/Two Words".replace(" ", "%20"), given, 422)
    with unit_of_work(cast.harbor):
        assert Endpoint.objects.count() == 1


def test_sources_lie_in_the_organizations_own_folder(cast: Cast) -> None:
    alice, folder = Program(cast, cast.alice), sources_folder(cast.harbor)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "people.csv").write_text("name,age\nDana,41\n")
    (folder.parent / "outside.csv").write_text("a\n1\n")
    given = {"location": "people.csv", "columns": {"age": {"personal": True}}, "rooms": ["auto-claims"]}
    shown = alice.send("PUT", "/sources/people", given)
    assert (shown["rooms"], shown["columns"]) == (["auto-claims"], {"age": {"personal": True}})
    (folder / "link.csv").symlink_to(folder.parent / "outside.csv")
    for wrong in ("../outside.csv", "/etc/passwd", "link.csv", ".", "missing.csv"):
        refused = alice.send("PUT", "/sources/other", {**given, "location": wrong}, 422)
        assert refused["errors"][0]["path"] == "location", wrong
    assert alice.send("PUT", "/sources/other", {**given, "columns": {"size": {}}}, 422)["errors"]
    Program(cast, cast.bob).send("PUT", "/sources/people", given, 403)
