"""Pages of teams: begin, edit, publish, compare, go back, copy, export."""

from typing import Any

import pytest
from django.test import Client

from accounts.tenancy import unit_of_work
from orchestration.models import Agent, Team, TeamVersion
from tests.cast import Cast, signed_in
from tests.orchestration.claims_room import GALLERY, published
from workrooms.actions.rooms import create_workroom

LIBRARIAN = (GALLERY / "librarian.yaml").read_text()


@pytest.fixture
def bob(cast: Cast) -> Client:
    """Bob's browser; the librarian is published."""
    with unit_of_work(cast.harbor):
        published(cast, "librarian")
    return signed_in(cast.bob)


def team(cast: Cast, slug: str = "librarian") -> Any:
    with unit_of_work(cast.harbor):
        return Team.objects.select_related("published").get(workroom=cast.room, slug=slug)


def test_a_team_begins_from_one_that_comes_with_the_product(cast: Cast) -> None:
    browser = signed_in(cast.bob)
    assert "No team yet" in browser.get(f"{cast.path}teams/").content.decode()
    answer = browser.post(f"{cast.path}teams/", {"from": "librarian", "slug": "books"})
    assert answer.headers["Location"] == f"{cast.path}teams/books/"
    html = browser.get(f"{cast.path}teams/books/").content.decode()
    assert "Nothing to mend" in html and "Publish v1" in html and "<svg" in html and "documents.search" in html
    assert team(cast, "books").published is None


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({"from": "librarian", "slug": "Two Words"}, 422, "lower-case letters"),
        ({"from": "nothing", "slug": "books"}, 422, "no such team to begin with"),
        ({"from": "librarian", "slug": "librarian"}, 409, "has a team librarian already"),
    ],
)
def test_what_cannot_begin(cast: Cast, bob: Client, given: dict[str, str], status: int, said: str) -> None:
    answer = bob.post(f"{cast.path}teams/", given)
    assert answer.status_code == status and said in answer.content.decode()


def test_the_draft_is_kept_with_its_mistakes_and_said_by_line(cast: Cast, bob: Client) -> None:
    wrong = LIBRARIAN.replace("documents.search", "documents.serch")
    answer = bob.post(f"{cast.path}teams/librarian/draft/", {"text": wrong}, headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert answer.status_code == 200 and "Line 13" in html and "Did you mean documents.search?" in html
    assert team(cast).draft == wrong
    assert "Draft of v2: 1 mistake" in bob.get(f"{cast.path}teams/librarian/").content.decode()


def test_text_that_is_no_yaml_is_kept_too(cast: Cast, bob: Client) -> None:
    bob.post(f"{cast.path}teams/librarian/draft/", {"text": "schema: [1"})
    assert team(cast).draft == "schema: [1"
    assert "Line 1" in bob.get(f"{cast.path}teams/librarian/").content.decode()


def test_a_wrong_draft_is_not_published(cast: Cast, bob: Client) -> None:
    bob.post(
        f"{cast.path}teams/librarian/draft/", {"text": LIBRARIAN.replace("brain: {procedure: librarian}", "brain: {}")}
    )
    answer = bob.post(f"{cast.path}teams/librarian/publish/", {"note": "oops"})
    assert answer.status_code == 422 and "cannot be published yet" in answer.content.decode()
    assert team(cast).published.number == 1


def test_publish_compare_and_go_back(cast: Cast, bob: Client) -> None:
    text = LIBRARIAN.replace("Answers questions", "Answers hard questions")
    bob.post(f"{cast.path}teams/librarian/draft/", {"text": text.replace("\n", "\r\n")})
    compared = bob.get(f"{cast.path}teams/librarian/compare/?from=1").content.decode()
    assert "Answers hard questions" in compared and 'class="added"' in compared
    assert bob.post(f"{cast.path}teams/librarian/publish/", {"note": "Harder"}).status_code == 302
    assert (team(cast).published.number, team(cast).published.text) == (2, text)
    with unit_of_work(cast.harbor):
        assert Agent.objects.get(workroom=cast.room, name="librarian").role.startswith("Answers hard")
    offered = bob.get(f"{cast.path}teams/librarian/compare/?from=2&to=1").content.decode()
    assert "Go back to v1" in offered
    assert bob.post(f"{cast.path}teams/librarian/rollback/", {"to": "1", "note": "Easier"}).status_code == 302
    now = team(cast)
    assert (now.published.number, now.published.text, now.draft) == (3, LIBRARIAN, LIBRARIAN)


def test_going_back_to_nowhere(cast: Cast, bob: Client) -> None:
    for to, status in (("1", 409), ("9", 404), ("x", 422), ("", 422)):
        assert bob.post(f"{cast.path}teams/librarian/rollback/", {"to": to}).status_code == status


def test_a_team_is_copied_to_another_room(cast: Cast, bob: Client) -> None:
    with unit_of_work(cast.harbor):
        create_workroom(cast.harbor, actor=cast.bob, name="Fleet", slug="fleet")
        create_workroom(cast.harbor, actor=cast.alice, name="Hers", slug="hers")
    page = bob.get(f"{cast.path}teams/librarian/").content.decode()
    assert "Fleet</option>" in page and "Hers</option>" not in page
    answer = bob.post(f"{cast.path}teams/librarian/copy/", {"room": "fleet"})
    assert answer.headers["Location"] == "/o/harbor/r/fleet/teams/librarian/"
    with unit_of_work(cast.harbor):
        assert Team.objects.get(workroom__slug="fleet").draft == LIBRARIAN
    assert bob.post(f"{cast.path}teams/librarian/copy/", {"room": "fleet"}).status_code == 409
    assert bob.post(f"{cast.path}teams/librarian/copy/", {"room": "hers"}).status_code == 404


def test_export_gives_back_what_was_written(cast: Cast, bob: Client) -> None:
    answer = bob.get(f"{cast.path}teams/librarian/export/?version=1")
    assert answer.content.decode() == LIBRARIAN
    assert answer.headers["Content-Disposition"] == 'attachment; filename="librarian.yaml"'
    assert bob.get(f"{cast.path}teams/librarian/export/?version=7").status_code == 404


def test_who_only_looks_cannot_change(cast: Cast, bob: Client) -> None:
    vera = signed_in(cast.vera)
    html = vera.get(f"{cast.path}teams/librarian/").content.decode()
    assert "data-editor" not in html and "Answers questions" in html
    for tail in ("draft/", "publish/", "rollback/"):
        assert vera.post(f"{cast.path}teams/librarian/{tail}", {"text": "x", "to": "1"}).status_code == 403
    with unit_of_work(cast.harbor):
        assert TeamVersion.objects.count() == 1


def chosen(browser: Client, cast: Cast, pattern: str, **more: str) -> str:
    """What the editor answers when a pattern is picked."""
    given = {"pattern": pattern, **more}
    answer = browser.post(f"{cast.path}teams/review/pattern/", given, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_pattern_is_picked_and_the_text_stays_the_truth(cast: Cast) -> None:
    browser = signed_in(cast.bob)
    browser.post(f"{cast.path}teams/", {"from": "document-review", "slug": "review"})
    page = browser.get(f"{cast.path}teams/review/").content.decode()
    assert page.count('type="radio" name="pattern"') == 5 and 'value="group_chat" checked' in page
    typed = team(cast, "review").draft.replace("role: Writes", "role: Always writes")
    html = chosen(browser, cast, "concurrent", text=typed.replace("\n", "\r\n"))
    kept = team(cast, "review").draft
    assert "pattern: concurrent\n" in kept and "role: Always writes" in kept
    assert '# not in use: until: "last.output.approved"' in kept
    assert 'value="concurrent" checked' in html and "Kept as comments" in html and 'id="checked"' in html
    assert 'value="group_chat" checked' in chosen(browser, cast, "group_chat", text=kept)
    assert team(cast, "review").draft == typed
    moved = browser.post(f"{cast.path}teams/review/pattern/", {"pattern": "handoff"})
    assert moved.status_code == 302 and "handoffs: {drafter: [checker]}" in team(cast, "review").draft


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"pattern": "swarm"}, "expected one of sequential"),
        ({"pattern": "handoff", "text": "schema: ["}, "cannot be written into this text"),
    ],
)
def test_what_cannot_be_picked_changes_nothing(cast: Cast, given: dict[str, str], said: str) -> None:
    browser = signed_in(cast.bob)
    browser.post(f"{cast.path}teams/", {"from": "document-review", "slug": "review"})
    before = team(cast, "review").draft
    html = chosen(browser, cast, **given)
    assert said in html and given.get("text", before)[:9] in html
    assert team(cast, "review").draft == before
    assert browser.post(f"{cast.path}teams/review/pattern/", given).status_code == 422
    refused = signed_in(cast.vera).post(f"{cast.path}teams/review/pattern/", {"pattern": "manager"})
    assert refused.status_code == 403


def test_agents_are_cards_also_while_the_draft_has_mistakes(cast: Cast, bob: Client) -> None:
    page = bob.get(f"{cast.path}teams/librarian/").content.decode()
    assert "documents.search</code> <span" in page and "member 1" in page
    wrong = LIBRARIAN.replace("documents.search", "documents.serch")
    answer = bob.post(f"{cast.path}teams/librarian/draft/", {"text": wrong}, headers={"HX-Request": "true"})
    cards = answer.content.decode().split('id="agents"')[1]
    assert "No tool is called documents.serch" in cards and "Did you mean documents.search?" in cards
    for odd in ("agents: {a: 7, b: {brain: 3, tools: x, limits: 4}}", "agents: 7", "agents: {a: {tools: [{}]}}"):
        answer = bob.post(f"{cast.path}teams/librarian/draft/", {"text": odd}, headers={"HX-Request": "true"})
        assert answer.status_code == 200
    assert "no brain" in answer.content.decode()


def test_the_head_of_the_page_says_where_one_is(cast: Cast, bob: Client) -> None:
    html = bob.get(f"{cast.path}teams/librarian/").content.decode()
    assert "Librarian</h1>" in html and "teams/librarian/</" not in html
