"""Boundaries as people and programs set them: labels, redaction, egress, clearances, what is lent."""

import json
from typing import Any

from accounts.labelling import labels_of
from accounts.models import ObjectClearance
from accounts.tenancy import unit_of_work
from orchestration.actions.boundaries import boundary_of
from orchestration.actions.means import set_endpoint
from tests.cast import Cast, signed_in
from tests.orchestration.boundary_room import events, labelled_document
from tests.orchestration.offices import Program
from workrooms.actions.messages import post_message

ROOM = "/workrooms/auto-claims"


def page(cast: Cast, who: Any = None) -> str:
    """The page of boundaries."""
    found = signed_in(who or cast.alice).get(f"{cast.path}boundaries/")
    assert found.status_code == 200
    return found.content.decode()


def post(cast: Cast, where: str, status: int = 302, who: Any = None, **data: Any) -> str:
    """Send a form of the page."""
    answer = signed_in(who or cast.alice).post(f"{cast.path}boundaries/{where}/", data)
    assert answer.status_code == status, answer.content.decode()
    return answer.content.decode()


def test_an_empty_room_says_what_holds_there(cast: Cast) -> None:
    shown = page(cast)
    for words in ("so everything is internal", "Every target that owners set", "Nothing. An approval can let an agent",
                  "all that is here"):  # fmt: skip
        assert words in shown
    assert "refused whole" in page(cast, cast.vera) and 'method="post" action="/o/harbor/r' not in page(cast, cast.vera)


def test_a_document_is_labelled_on_the_page_and_carries_a_badge(cast: Cast) -> None:
    document = labelled_document(cast, "claim.md", "x", None)
    post(cast, "labels", object="document:claim.md", level="confidential", tags="personal, outside", residency="DE")
    with unit_of_work(cast.harbor):
        stored = labels_of([f"document:{document.id}"])[f"document:{document.id}"].as_json()
    assert stored == {"level": "confidential", "tags": ["outside", "personal"], "residency": ["DE"]}
    badge = "confidential · outside · personal · stays in DE"
    assert badge in page(cast) and badge in signed_in(cast.vera).get(f"{cast.path}docs/{document.id}/").content.decode()
    post(cast, "labels", object=f"document:{document.id}", level="")
    assert "so everything is internal" in page(cast)


def test_a_message_is_labelled_by_its_number_and_shows_it(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        message = post_message(cast.room, actor=cast.bob, body="The sum is 7.")
    post(cast, "labels", object=f"message:#{message.seq}", level="confidential")
    assert ">confidential</span>" in signed_in(cast.vera).get(cast.path).content.decode()
    listed = Program(cast, cast.vera).get(f"{ROOM}/labels")["items"]
    assert [(one["object"], one["label"]["level"]) for one in listed] == [(f"message:{message.id}", "confidential")]


def test_what_is_not_there_cannot_be_labelled(cast: Cast) -> None:
    for named in ("document:none.md", "source:none", "message:9999", "message:x", "tree:1", "workroom:1"):
        assert "There is no such" in post(cast, "labels", 404, object=named, level="internal")
    assert "one of public" in post(cast, "labels", 422, object="workroom", level="secret")


def test_redaction_is_set_on_the_page_and_mistakes_are_told(cast: Cast) -> None:
    given: dict[str, Any] = {
        "kinds": ["email", "iban"],
        "shapes": "policy = POL-######\n",
        "up_to": "confidential",
        "tags": "personal",
    }
    post(cast, "redaction", **given, level="internal")
    with unit_of_work(cast.harbor):
        row = boundary_of(cast.room)
    assert (row.kinds, row.shapes, row.up_to, row.tags) == (
        ["email", "iban"], {"policy": "POL-######"}, "confidential", ["personal"]
    )  # fmt: skip
    assert "policy = POL-######" in page(cast) and "email, iban, policy" in page(cast, cast.vera)
    assert "name = shape" in post(cast, "redaction", 422, shapes="nothing")
    assert "nothing is taken out" in post(cast, "redaction", 422, up_to="confidential", level="internal")
    assert [told["kinds"] for told in events(cast, "redaction.set")] == [["email", "iban"]]


def test_egress_is_set_on_the_page_and_over_the_api(cast: Cast) -> None:
    post(cast, "egress", limit="1", hosts="pay.example\n*.partner.example:8443")
    owner, viewer = Program(cast, cast.alice), Program(cast, cast.vera)
    assert viewer.get(f"{ROOM}/boundaries")["hosts"] == ["*.partner.example:8443", "pay.example"]
    assert "Only *.partner.example:8443, pay.example." in page(cast, cast.vera)
    kept = owner.send("PUT", f"{ROOM}/boundaries", {"redaction": {"kinds": ["ssn"]}})
    assert (kept["hosts"], kept["redaction"]["kinds"]) == (["*.partner.example:8443", "pay.example"], ["ssn"])
    assert owner.send("PUT", f"{ROOM}/boundaries", {"hosts": None})["hosts"] is None
    assert owner.send("PUT", f"{ROOM}/boundaries", {"hosts": []})["hosts"] == []
    assert "Nowhere." in page(cast, cast.vera)
    problem = owner.send("PUT", f"{ROOM}/boundaries", {"hosts": ["http://x"]}, 422)
    assert "expected host, host:port or *.host" in json.dumps(problem)


def test_clearances_of_places_and_people_are_set_by_owners(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        set_endpoint(actor=cast.alice, slug="berlin", url="https://9.9.9.9/v1", model="m", key=None, price="")
    post(cast, "clearances", object="endpoint:berlin", level="confidential", places="DE", eligible="gdpr, hipaa")
    post(cast, "clearances", object=f"person:{cast.vera.id}", level="internal", eligible="need:legal")
    shown = page(cast)
    assert "DE · gdpr, hipaa" in shown and "need:legal" in shown
    listed = Program(cast, cast.alice).get("/clearances")["items"]
    assert [one["object"] for one in listed] == ["endpoint:berlin", f"person:{cast.vera.id}"]
    post(cast, "clearances", object=f"person:{cast.vera.id}", level="")
    with unit_of_work(cast.harbor):
        assert ObjectClearance.objects.count() == 1


def test_clearances_of_what_is_none_are_refused(cast: Cast) -> None:
    owner = Program(cast, cast.alice)
    refused = [("tree:1", "internal", 422), ("endpoint:x", None, 422), ("endpoint:", "internal", 422)]
    refused += [(f"person:{who.id}", "internal", 404) for who in (cast.mallory, cast.ada)]
    for object, level, status in (*refused, ("person:x", "internal", 404), ("endpoint:x", "secret", 422)):
        owner.send("PUT", "/clearances", {"object": object, "level": level}, status)
    with unit_of_work(cast.harbor):
        assert not ObjectClearance.objects.exists(), "nothing half-saved"


def test_an_edit_of_a_labelled_message_is_not_pushed_to_those_who_may_not_see_it(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        message = post_message(cast.room, actor=cast.bob, body="The sum is 7.")
    owner = Program(cast, cast.alice)
    given = {"object": f"message:{message.id}", "label": {"level": "confidential"}}
    assert owner.call("PUT", f"{ROOM}/labels", given).status_code == 204
    owner.call("PUT", "/clearances", {"object": f"person:{cast.vera.id}", "level": "internal"})
    Program(cast, cast.bob).send("PATCH", f"{ROOM}/messages/{message.id}", {"body": "The sum is 8."})
    assert "sum is" not in json.dumps(Program(cast, cast.vera).get(f"{ROOM}/messages?after=0"))
    assert "sum is 8" in json.dumps(Program(cast, cast.pat).get(f"{ROOM}/messages?after=0"))
