"""The demo, and teams on the command line."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Event, Membership, Organization, User
from accounts.reach import all_organizations
from accounts.tenancy import unit_of_work
from config.demo.people import PEOPLE, PUBLIC_PASSWORD
from orchestration.models import Run, Source, Team
from orchestration.teams.gallery import gallery
from tests.cast import Cast
from workrooms.models import Document, Participant


def told(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_demo_is_whole_and_made_once(database: None) -> None:
    said = told("seed_demo")
    assert all(person.email in said for person in PEOPLE) and PUBLIC_PASSWORD in said
    counted = _counted()
    assert counted["finished"] == 2 and counted["waiting"] == 1 and counted["teams"] == {"auto-claims", "librarian"}
    assert counted["relations"] == {person.email: person.relation for person in PEOPLE}
    assert counted["personal"] == 7 and counted["documents"] >= 11
    told("seed_demo")
    assert _counted() == counted, "a second call changes nothing"
    assert User.objects.get(email="mallory@outsider.example").check_password(PUBLIC_PASSWORD)


def _counted() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for organization_id in all_organizations():
        with unit_of_work(organization_id):
            if Organization.objects.get().slug != "harbor":
                assert Membership.objects.get().user.email == "mallory@outsider.example"
                continue
            people = Participant.objects.exclude(relation="agent")
            found = {
                "finished": Run.objects.filter(parent=None, state="finished").count(),
                "waiting": Run.objects.filter(parent=None, state="waiting").count(),
                "teams": set(Team.objects.exclude(published=None).values_list("slug", flat=True)),
                "relations": dict(people.values_list("user__email", "relation")),
                "personal": len(Source.objects.get(slug="policies").columns),
                "documents": Document.objects.count(),
                "events": Event.objects.count(),
            }
    return found


def test_a_team_goes_out_and_in(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "books.yaml"
    file.write_text(gallery()["librarian"])
    assert "the draft books in Auto claims" in told("import_team", "harbor/auto-claims", str(file))
    assert told("export_team", "harbor/auto-claims", "books") == gallery()["librarian"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("books.yaml", "schema: [1", "line 1"),
        ("books.txt", "schema: 1", "ends in .yaml"),
        ("Two Words.yaml", "schema: 1", "lower-case letters|No team can be called"),
        ("books.json", "{]", "line 1"),
    ],
)
def test_a_file_that_is_no_team(cast: Cast, tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(CommandError, match=said):
        told("import_team", "harbor/auto-claims", str(tmp_path / name))
    with unit_of_work(cast.harbor):
        assert not Team.objects.exists()


def test_mistakes_of_an_imported_team_are_said_by_line(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "books.yaml"
    file.write_text(gallery()["librarian"].replace("documents.search", "documents.serch"))
    assert "line 13: error" in told("import_team", "harbor/auto-claims", str(file))
    with pytest.raises(CommandError, match="no team 'nobody'; its teams: books"):
        told("export_team", "harbor/auto-claims", "nobody")
