"""Flows to people: pages, API, search, export, live frames, catch-up; Vera and Olivia are cleared for internal data."""

import json
from typing import Any

from websockets.sync.client import connect

from accounts.actions.tokens import create_token
from accounts.tenancy import unit_of_work
from orchestration.models import Run
from tests.cast import signed_in
from tests.orchestration.boundary_room import answer, calling, model
from tests.orchestration.flow_house import Flow, House, Label, Seen, who
from tests.orchestration.offices import Program
from tests.orchestration.rehearsals import says
from workrooms.models import Message

CONFIDENTIAL: Label = {"level": "confidential"}
PERSON, ROOM = "clearance of the person", "/workrooms/auto-claims"


def page(path: str, name: str) -> Any:
    """Somebody opens a page about a labelled document of the room; {id} in `path` is the document's."""

    def flow(house: House, secret: str) -> Seen:
        document = house.document(secret, CONFIDENTIAL)
        browser = signed_in(who(house.cast, name))
        return house.http(browser.get(house.cast.path + path.format(id=document.id)), secret)

    return flow


def call(path: str, name: str) -> Any:
    """Somebody asks the API about a labelled document, or searches for its words."""

    def flow(house: House, secret: str) -> Seen:
        document = house.document(secret, CONFIDENTIAL)
        program = Program(house.cast, who(house.cast, name))
        return house.http(program.call("GET", ROOM + path.format(id=document.id, secret=secret)), secret)

    return flow


def answered(house: House, secret: str) -> Run:
    """Code reads a labelled document and says in the thread what stands in it."""
    document = house.document(secret, CONFIDENTIAL)
    line = {"calls": [["documents.read", {"document": document.name}]], "summary": f"It was {secret}."}
    return house.run({"reader": says(line, tools=["documents.read"])}, documents=[document])


def entry(house: House, run: Run) -> Message:
    """The answer's entry."""
    with unit_of_work(house.cast.harbor):
        found: Message = Message.objects.get(run=run.id, kind="message")
        return found


def told(path: str, name: str) -> Any:
    """Somebody asks about a run, or for what was said by it: {run}, {number} and {entry} in `path`."""

    def flow(house: House, secret: str) -> Seen:
        run = answered(house, secret)
        filled = path.format(run=run.id, number=run.number, entry=entry(house, run).id, room=ROOM, secret=secret)
        seen = house.http(Program(house.cast, who(house.cast, name)).call("GET", filled), secret)
        withheld = "not everybody here may see it" in seen.arrived
        return Seen(seen.arrived, "private") if seen.outcome == "left out" and withheld else seen

    return flow


def shown(path: str, name: str) -> Any:
    """Somebody opens a page of the run."""

    def flow(house: House, secret: str) -> Seen:
        run = answered(house, secret)
        filled = path.format(number=run.number, thread=entry(house, run).thread_id, newest=0)
        seen = house.http(signed_in(who(house.cast, name)).get(house.cast.path + filled), secret)
        withheld = "not everybody here may see it" in seen.arrived
        return Seen(seen.arrived, "private") if seen.outcome == "left out" and withheld else seen

    return flow


def shared(house: House, secret: str) -> Seen:
    """A decider shares the private answer; Vera reads the thread."""
    found = entry(house, answered(house, secret))
    share = f"{ROOM}/messages/{found.id}/share"
    Program(house.cast, house.cast.pat).send("POST", share, {"reason": "It is in the papers."})
    return house.http(Program(house.cast, house.cast.vera).call("GET", f"{ROOM}/messages?after=0&limit=200"), secret)


def frames(form: str) -> Any:
    """Vera listens on the room's socket while a model at a cleared endpoint reads and answers."""

    def flow(house: House, secret: str) -> Seen:
        document = house.document(secret, CONFIDENTIAL)
        with unit_of_work(house.cast.harbor):
            _, token = create_token(house.cast.harbor, actor=house.cast.vera, name=f"socket {secret}")
        headers, heard = {"Authorization": f"Bearer {token}"}, [""]
        url = f"ws://{house.web}/ws/workrooms/auto-claims{form}"
        with connect(url, additional_headers=headers) as socket:
            socket.recv(10)
            agents = {"reader": model("documents.read", endpoint="home")}
            script = [calling("documents.read", document=document.name), answer(f"It was {secret}.")]
            run = house.run(agents, *script, documents=[document])
            assert run.state == "finished", run.reason
            while "not everybody here may see it" not in heard[-1]:
                heard.append(str(socket.recv(10)))
        return Seen("\n".join(heard), "private")

    return flow


def limited_requester(house: House, secret: str) -> Seen:
    """Somebody who is cleared for less starts a run on the document of somebody else."""
    house.limit(house.cast.bob, "internal")
    seen = house.read(house.document(secret, CONFIDENTIAL), "home")
    house.limit(house.cast.bob, None)
    return seen


def exported(name: str, form: str) -> Any:
    """Somebody takes the ledger home after a labelled run."""

    def flow(house: House, secret: str) -> Seen:
        answered(house, secret)
        program = Program(house.cast, who(house.cast, name))
        seen = house.http(program.client.get(f"/api/v1{ROOM}/audit.{form}", headers=program.headers), secret)
        if form == "jsonl" and seen.outcome == "left out":
            assert json.loads(seen.arrived.splitlines()[0])["filter"] == {"clearance": "internal"}
        return seen

    return flow


FLOWS = [
    Flow("labelled document → page, not cleared", "refused", PERSON, page("docs/{id}/", "vera")),
    Flow("labelled document → page, not limited", "arrives", "", page("docs/{id}/", "bob")),
    Flow("labelled document → download, not cleared", "refused", PERSON, page("docs/{id}/content/", "vera")),
    Flow("labelled document → API, not cleared", "refused", PERSON, call("/documents/{id}", "vera")),
    Flow("labelled document → API, not limited", "arrives", "", call("/documents/{id}", "bob")),
    Flow("labelled document → search, not cleared", "left out", "", call("/search?q=report", "vera")),
    Flow("labelled document → search, not limited", "arrives", "", call("/search?q={secret}", "bob")),
    Flow("answer → thread, not cleared", "private", "", shown("threads/{thread}/", "vera")),
    Flow("answer → catch-up, not cleared", "private", "", shown("messages/?after={newest}", "vera")),
    Flow("answer → API, not cleared", "private", "", told("{room}/messages?after=0&limit=200", "vera")),
    Flow("answer → private API, who asked", "arrives", "", told("{room}/messages/{entry}/private", "bob")),
    Flow("answer → private API, not cleared", "refused", PERSON, told("{room}/messages/{entry}/private", "vera")),
    Flow("answer → search, not cleared", "left out", "", told("{room}/search?q={secret}", "vera")),
    Flow("answer → run page, not cleared", "refused", PERSON, shown("runs/{number}/", "vera")),
    Flow("answer → run over the API, not cleared", "refused", PERSON, told("/runs/{run}", "vera")),
    Flow("answer → turns over the API, not cleared", "refused", PERSON, told("/runs/{run}/turns", "vera")),
    Flow("answer → case file, not cleared", "refused", PERSON, told("/runs/{run}/case.zip", "olivia")),
    Flow("answer → events of the ledger, not cleared", "left out", "",
         told("{room}/events?kind=turn.finished", "olivia")),
    Flow("answer → events of the ledger, not limited", "arrives", "", told("{room}/events?run={run}", "pat")),
    Flow("answer → export, not cleared", "left out", "", exported("olivia", "jsonl")),
    Flow("answer → export as CSV, not cleared", "left out", "", exported("olivia", "csv")),
    Flow("answer → export, not limited", "arrives", "", exported("pat", "jsonl")),
    Flow("answer → everybody, shared by a decider", "arrives", "", shared),
    Flow("labelled document → run of somebody not cleared", "refused", PERSON, limited_requester),
]  # fmt: skip

FRAMES = [
    Flow("answer → socket frames, not cleared", "private", "", frames("")),
    Flow("answer → socket frames as JSON, not cleared", "private", "", frames("?format=json")),
]
