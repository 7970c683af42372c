"""Authority while runs go on: questions about calls, labels that follow what was read, rules that count at once."""

import threading
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts.authority.labels import Label
from accounts.errors import Invalid
from accounts.identity import revoke_keys
from accounts.labelling import labels_of, set_clearance, set_label
from accounts.models import Event
from accounts.relations import grant
from accounts.tenancy import unit_of_work
from orchestration.actions.approvals import decide_approval
from orchestration.actions.means import set_endpoint
from orchestration.actions.runs import start_run
from orchestration.boundaries.held import note_read
from orchestration.engine import work
from orchestration.models import Agent, Approval, Run, ToolCall, Turn
from tests.cast import Cast
from tests.live.scripted_openai import Reply, ScriptedOpenAI
from tests.orchestration.claims_room import published
from workrooms.actions.documents import add_document
from workrooms.actions.participants import remove_participant
from workrooms.actions.rules import book_of, remove_rules, set_rules
from workrooms.models import Document, Workroom

TEAM = """
schema: 1
name: Reader
pattern: sequential
members: [{agent: reader}]
agents:
  reader:
    role: Reads and writes
    brain: {model: {endpoint: scripted}}
    tools: [documents.read, documents.write]
    output: {type: object, required: [summary], properties: {summary: {type: string}}}
limits: {tokens: 100000, cost_cents: 500, seconds: 60}
"""
ANSWER = Reply(calls=(("final_answer", {"summary": "Done."}),))
READ = Reply(calls=(("documents_read", {"document": "claim.md"}),))
WRITE = Reply(calls=(("documents_write", {"name": "letter.md", "text": "Dear all"}),))
ASK_WRITES = """
@id("letters") @ask @reason("Letters are looked at first.")
forbid(principal, action == Action::"write", resource);
"""


@pytest.fixture
def scripted(settings: Settings) -> Iterator[ScriptedOpenAI]:
    with ScriptedOpenAI([]) as server:
        settings.WORKROOM_TRUSTED_HOSTS = [server.place]
        yield server


def begun(cast: Cast, server: ScriptedOpenAI, *replies: Reply) -> Run:
    """Put a claim into the room and start the reader on it."""
    server.say([*replies])
    with unit_of_work(cast.harbor):
        set_endpoint(actor=cast.alice, slug="scripted", url=server.url, model="scripted-1", key="k", price="1/2")
        team = published(cast, "reader", TEAM)
        document = add_document(cast.room, actor=cast.bob, name="claim.md", content=b"# Claim\nPay 7 dollars.")
        return start_run(cast.room, actor=cast.bob, team=team, goal="Write a letter.", documents=[document])


def carried(cast: Cast, run: Run) -> Run:
    work(cast.harbor.id, run.id)
    with unit_of_work(cast.harbor):
        kept: Run = Run.objects.get(pk=run.pk)
        return kept


def calls(cast: Cast) -> list[tuple[str, str]]:
    with unit_of_work(cast.harbor):
        return list(ToolCall.objects.order_by("created_at").values_list("tool", "state"))


def denial(cast: Cast) -> dict[str, dict[str, str]]:
    with unit_of_work(cast.harbor):
        factors: dict[str, dict[str, str]] = Event.objects.get(kind="authority.denied").payload["factors"]
        return factors


def asked(cast: Cast, server: ScriptedOpenAI) -> tuple[Run, Approval]:
    """A run that waits because a rule of the room asks about its letter."""
    run = begun(cast, server, WRITE, ANSWER)
    with unit_of_work(cast.harbor):
        set_rules("letters", actor=cast.alice, room=Workroom.objects.get(pk=cast.room.pk), text=ASK_WRITES)
    run = carried(cast, run)
    with unit_of_work(cast.harbor):
        return run, Approval.objects.select_related("run").get()


def answer(cast: Cast, approval: Approval, decision: str) -> Run:
    with unit_of_work(cast.harbor):
        decide_approval(approval, actor=cast.pat, decision=decision, digest=approval.digest, reason="Not like this.")
    return carried(cast, approval.run)


def test_a_call_that_a_rule_asks_about_waits_and_is_made_once_when_approved(
    cast: Cast, scripted: ScriptedOpenAI
) -> None:
    run, approval = asked(cast, scripted)
    assert (run.state, calls(cast)) == ("waiting", [("documents.write", "waiting")])
    assert approval.rules[0]["reason"] == "Letters are looked at first."
    assert approval.action["arguments"] == {"name": "letter.md", "text": "Dear all"}
    finished = answer(cast, approval, "approve")
    assert (finished.state, calls(cast)) == ("finished", [("documents.write", "succeeded")])
    with unit_of_work(cast.harbor):
        assert Document.objects.get(name="letter.md").revision == 1
        kinds = list(Event.objects.filter(kind__startswith="authority.").values_list("kind", flat=True))
    assert kinds == ["authority.asked"]
    assert len(scripted.requests) == 2


def test_a_refused_call_is_told_to_the_agent_who_goes_on(cast: Cast, scripted: ScriptedOpenAI) -> None:
    _, approval = asked(cast, scripted)
    finished = answer(cast, approval, "reject")
    assert (finished.state, calls(cast)) == ("finished", [("documents.write", "denied")])
    assert "Pat refused it: Not like this." in str(scripted.requests[1].body["messages"][-1])
    with unit_of_work(cast.harbor):
        assert not Document.objects.filter(name="letter.md").exists()


def test_an_approval_does_not_outlive_the_persons_rights(cast: Cast, scripted: ScriptedOpenAI) -> None:
    _, approval = asked(cast, scripted)
    with unit_of_work(cast.harbor):
        grant(cast.alice, cast.bob, "viewer", Workroom.objects.get(pk=cast.room.pk))
    answer(cast, approval, "approve")
    assert calls(cast) == [("documents.write", "denied")]
    assert denial(cast)["person"]["outcome"] == "deny"


def test_a_rule_taken_away_no_longer_asks(cast: Cast, scripted: ScriptedOpenAI) -> None:
    run = begun(cast, scripted, WRITE, ANSWER)
    with unit_of_work(cast.harbor):
        room = Workroom.objects.get(pk=cast.room.pk)
        set_rules("letters", actor=cast.alice, room=room, text=ASK_WRITES)
        assert "letters/letters" in book_of(room).rules
        remove_rules("letters", actor=cast.alice, room=room)
    assert carried(cast, run).state == "finished"


def test_rules_that_cannot_be_used_are_not_kept(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused, unit_of_work(cast.harbor):
        set_rules("own", actor=cast.alice, text="permit(principal, action, resource);")
    assert "can only forbid" in refused.value.errors[0][1]


def test_rules_of_the_organization_hold_in_every_room(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        set_rules("gdpr", actor=cast.alice)
        book = book_of(Workroom.objects.get(pk=cast.room.pk))
    assert "gdpr/article-44" in book.rules
    with unit_of_work(cast.outsider):
        assert "gdpr/article-44" not in book_of(cast.burrow).rules


def test_a_confidential_document_does_not_flow_to_an_endpoint_of_lower_clearance(
    cast: Cast, scripted: ScriptedOpenAI
) -> None:
    run = begun(cast, scripted, READ, ANSWER)
    with unit_of_work(cast.harbor):
        claim = Document.objects.get(name="claim.md")
        set_label(f"document:{claim.id}", {"level": "confidential"}, actor=cast.alice, ledger=cast.room.id)
    carried(cast, run)
    assert calls(cast) == [("documents.read", "denied")]
    assert denial(cast)["data"]["boundary"] == "clearance of the destination"
    assert "Pay 7 dollars" not in str([request.body for request in scripted.requests])


def test_what_a_run_writes_inherits_what_it_read(cast: Cast, scripted: ScriptedOpenAI) -> None:
    run = begun(cast, scripted, READ, WRITE, ANSWER)
    with unit_of_work(cast.harbor):
        claim = Document.objects.get(name="claim.md")
        stored = {"level": "confidential", "tags": ["personal"], "residency": ["DE"]}
        set_label(f"document:{claim.id}", stored, actor=cast.alice, ledger=cast.room.id)
        set_clearance("endpoint:scripted", actor=cast.alice, level="confidential", places=["DE"])
    assert carried(cast, run).state == "finished"
    with unit_of_work(cast.harbor):
        letter = f"document:{Document.objects.get(name='letter.md').id}"
        assert labels_of([letter])[letter].as_json() == stored


def test_what_has_to_stay_does_not_go_elsewhere(cast: Cast, scripted: ScriptedOpenAI) -> None:
    run = begun(cast, scripted, READ, ANSWER)
    with unit_of_work(cast.harbor):
        claim = Document.objects.get(name="claim.md")
        set_label(f"document:{claim.id}", {"residency": ["DE"]}, actor=cast.alice, ledger=cast.room.id)
        set_clearance("endpoint:scripted", actor=cast.alice, level="confidential", places=["US"])
    carried(cast, run)
    assert denial(cast)["data"]["boundary"] == "residency"


def test_labels_are_of_one_tenant(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        set_label("document:1", {"level": "restricted"}, actor=cast.alice)
        assert labels_of(["document:1"])
    with unit_of_work(cast.outsider):
        assert labels_of(["document:1"]) == {}


def test_an_agent_taken_out_of_the_room_does_nothing_more_in_the_middle_of_its_turn(
    cast: Cast, scripted: ScriptedOpenAI
) -> None:
    run = begun(cast, scripted)
    worker = threading.Thread(target=work, args=(cast.harbor.id, run.id))
    scripted.say([READ, Reply(delay=0.4, calls=WRITE.calls), ANSWER])
    worker.start()
    scripted.wait_for_requests(2)
    with unit_of_work(cast.harbor):
        room = Workroom.objects.get(pk=cast.room.pk)
        remove_participant(room, actor=cast.alice, user=Agent.objects.get(name="reader").user)
    worker.join(30)
    assert calls(cast) == [("documents.read", "succeeded"), ("documents.write", "denied")]
    with unit_of_work(cast.harbor):
        assert "no longer a participant" in Turn.objects.get().error
    assert denial(cast)["agent"]["reason"] == ("The agent has not proved who it is, or is no longer in this room.")


def test_an_agent_whose_identity_is_taken_away_does_nothing_more_in_the_middle_of_its_turn(
    cast: Cast, scripted: ScriptedOpenAI
) -> None:
    run = begun(cast, scripted)
    scripted.say([READ, Reply(delay=0.4, calls=WRITE.calls), ANSWER])
    worker = threading.Thread(target=work, args=(cast.harbor.id, run.id))
    worker.start()
    scripted.wait_for_requests(2)
    with unit_of_work(cast.harbor):
        reader = Agent.objects.select_related("user").get(name="reader").user
        revoke_keys(reader, Workroom.objects.get(pk=cast.room.pk), actor=cast.alice)
    worker.join(30)
    assert calls(cast) == [("documents.read", "succeeded"), ("documents.write", "denied")]
    with unit_of_work(cast.harbor):
        identified = Event.objects.get(kind="agent.identified")
    assert identified.payload["credential"]["person"] == str(cast.bob.id)


def test_a_person_taken_out_of_the_room_lends_no_more_rights_in_the_middle_of_a_turn(
    cast: Cast, scripted: ScriptedOpenAI
) -> None:
    run = begun(cast, scripted)
    scripted.say([READ, Reply(delay=0.4, calls=WRITE.calls), ANSWER])
    worker = threading.Thread(target=work, args=(cast.harbor.id, run.id))
    worker.start()
    scripted.wait_for_requests(2)
    with unit_of_work(cast.harbor):
        remove_participant(Workroom.objects.get(pk=cast.room.pk), actor=cast.alice, user=cast.bob)
    worker.join(30)
    assert calls(cast) == [("documents.read", "succeeded"), ("documents.write", "denied")]
    assert denial(cast)["person"]["outcome"] == "deny"


def test_what_a_run_knows_does_not_go_into_the_prompt_of_a_lower_endpoint(cast: Cast, scripted: ScriptedOpenAI) -> None:
    run = begun(cast, scripted, ANSWER)
    with unit_of_work(cast.harbor):
        note_read(run, Label("confidential"))
    carried(cast, run)
    assert scripted.requests == []
    assert denial(cast)["data"]["boundary"] == "clearance of the destination"
    with unit_of_work(cast.harbor):
        assert "Nothing was sent to scripted." in Turn.objects.get().error
