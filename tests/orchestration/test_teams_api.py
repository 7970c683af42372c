"""Teams over the API."""

import json
from pathlib import Path

import pytest
import yaml
from django.test import Client

from accounts.tenancy import unit_of_work
from orchestration.models import Team
from tests.cast import Cast
from tests.orchestration.claims_room import GALLERY
from tests.orchestration.offices import Program

LIBRARIAN = (GALLERY / "librarian.yaml").read_text()
TEAMS = "/workrooms/auto-claims/teams"
YAML = "application/yaml"


def test_a_team_from_draft_to_a_version_and_back(cast: Cast) -> None:
    bob = Program(cast, cast.bob)
    drafted = bob.send("PUT", f"{TEAMS}/books", LIBRARIAN, content_type=YAML)
    assert (drafted["slug"], drafted["draft"], drafted["findings"]) == ("books", LIBRARIAN, [])
    assert bob.send("POST", f"{TEAMS}/books/publish", {"note": "First"}, 201)["number"] == 1
    harder = LIBRARIAN.replace("Answers questions", "Answers hard questions")
    bob.send("PUT", f"{TEAMS}/books", harder, content_type=YAML)
    assert bob.send("POST", f"{TEAMS}/{drafted['id']}/publish", {"note": "Harder"}, 201)["number"] == 2
    assert bob.send("POST", f"{TEAMS}/books/rollback", {"to": 1, "note": "Back"}, 201)["number"] == 3
    versions = bob.get(f"{TEAMS}/books/versions")["items"]
    assert [(one["number"], one["note"], one["text"]) for one in versions] == [
        (3, "Back", LIBRARIAN), (2, "Harder", harder), (1, "First", LIBRARIAN),
    ]  # fmt: skip
    shown = bob.get(f"{TEAMS}/books")
    assert shown["published"]["number"] == 3 and shown["definition"] == yaml.safe_load(LIBRARIAN)
    assert [one["slug"] for one in bob.get(TEAMS)["items"]] == ["books"]


def test_json_goes_in_and_the_same_data_comes_out(cast: Cast) -> None:
    bob, data = Program(cast, cast.bob), yaml.safe_load(LIBRARIAN)
    drafted = bob.send("PUT", f"{TEAMS}/books", json.dumps(data))
    assert yaml.safe_load(drafted["draft"]) == data
    again = bob.send("PUT", f"{TEAMS}/books", drafted["draft"], content_type=YAML)
    assert yaml.safe_load(again["draft"]) == data


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("schema: [1", YAML, "line 1"),
        ("{", "application/json", "line 1"),
        ("- a\n- b\n", YAML, "This is no team"),
        (LIBRARIAN, "text/html", "Say in which form"),
        (b"schema: \xff", YAML, "not UTF-8"),
    ],
)
def test_what_cannot_be_read_keeps_nothing(cast: Cast, text: str | bytes, kind: str, said: str) -> None:
    refused = Program(cast, cast.bob).send("PUT", f"{TEAMS}/books", text, 422, content_type=kind)
    assert said in refused["detail"] and refused["errors"]
    with unit_of_work(cast.harbor):
        assert not Team.objects.exists()


def test_mistakes_have_lines_and_keep_a_team_from_being_published(cast: Cast) -> None:
    bob = Program(cast, cast.bob)
    wrong = LIBRARIAN.replace("agent: librarian", "agent: libarian")
    findings = bob.send("POST", f"{TEAMS}/lint", wrong, content_type=YAML)
    assert not findings["valid"]
    assert any(one["line"] == 5 and one["mend"] == "Did you mean librarian?" for one in findings["findings"])
    bob.send("PUT", f"{TEAMS}/books", wrong, content_type=YAML)
    refused = bob.send("POST", f"{TEAMS}/books/publish", {"note": ""}, 422)
    assert any(error["path"].startswith("line 5") for error in refused["errors"])
    assert bob.get(f"{TEAMS}/books")["published"] is None


def test_a_valid_text_is_valid(cast: Cast) -> None:
    found = Program(cast, cast.vera).send("POST", f"{TEAMS}/lint", LIBRARIAN, content_type=YAML)
    assert found == {"valid": True, "findings": []}


def test_who_may_not(cast: Cast) -> None:
    vera, mallory = Program(cast, cast.vera), Program(cast, cast.mallory, cast.outsider)
    vera.send("PUT", f"{TEAMS}/books", LIBRARIAN, 403, content_type=YAML)
    mallory.send("PUT", f"{TEAMS}/books", LIBRARIAN, 404, content_type=YAML)
    with unit_of_work(cast.harbor):
        assert not Team.objects.exists()


def test_the_schema_is_for_everybody(cast: Cast) -> None:
    answer = Client().get("/api/v1/schemas/team.json")
    assert answer.status_code == 200 and "members" in answer.json()["properties"]


def test_a_team_that_is_not_there(cast: Cast, tmp_path: Path) -> None:
    bob = Program(cast, cast.bob)
    assert "no team of that name" in bob.get(f"{TEAMS}/nobody", 404)["detail"]
    bob.send("POST", f"{TEAMS}/nobody/publish", {"note": ""}, 404)
