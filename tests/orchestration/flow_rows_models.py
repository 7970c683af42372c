"""Flows to models: documents, columns, earlier results, searches and talk."""

from typing import Any

from accounts.authority.patterns import KINDS
from accounts.tenancy import unit_of_work
from orchestration.actions.boundaries import set_redaction
from orchestration.actions.labels import label_object
from orchestration.actions.runs import start_run
from tests.orchestration.boundary_room import calling, model
from tests.orchestration.flow_house import Flow, House, Label, Seen
from tests.orchestration.rehearsals import says
from workrooms.actions.messages import post_message
from workrooms.models import Document

CONFIDENTIAL: Label = {"level": "confidential"}
DESTINATION, AGENT, PERSONAL = "clearance of the destination", "clearance of the agent", {"tags": ["personal"]}


def reading(label: Label, endpoint: str, **more: Any) -> Any:
    """A model reads a document with this label."""
    return lambda house, secret: house.read(house.document(secret, label), endpoint, **more)


def ruled(slug: str, label: Label, endpoint: str) -> Any:
    """The same under a rule set."""
    return lambda house, secret: house.ruled(slug, lambda: house.read(house.document(secret, label), endpoint))


def column(endpoint: str) -> Any:
    """A model reads rows with a labelled column."""

    def flow(house: House, secret: str) -> Seen:
        slug = house.source(secret, name=CONFIDENTIAL)
        agents = {"reader": model(f"sources.query:{slug}", endpoint=endpoint)}
        house.run(agents, calling("sources.query", source=slug))
        return house.at_model()

    return flow


def letter(house: House, secret: str) -> Seen:
    """A model reads a text of which the room takes out what has a form."""
    with unit_of_work(house.cast.harbor):
        set_redaction(house.cast.room, actor=house.cast.alice, kinds=KINDS, up_to="confidential")
    document = house.document(f"{secret}@example.test", CONFIDENTIAL, f"{secret.lower()}.md")
    seen = house.read(document, "low")
    with unit_of_work(house.cast.harbor):
        set_redaction(house.cast.room, actor=house.cast.alice)
    return seen


def earlier_result(**mark: Any) -> Any:
    """Code reads a labelled column, a model works on with its result."""

    def flow(house: House, secret: str) -> Seen:
        slug = house.source(secret, name=CONFIDENTIAL)
        line = {"calls": [["sources.query", {"source": slug}]], "name": "$calls.0.rows.0.1", "summary": "Found."}
        properties = {"name": {"type": "string", **mark}, "summary": {"type": "string"}}
        finder = says(line, tools=[f"sources.query:{slug}"], output={"type": "object", "properties": properties})
        house.run({"finder": finder, "writer": model(endpoint="low")})
        return house.at_model()

    return flow


def talk(house: House, secret: str) -> Seen:
    """A person says something labelled; a run is started in its thread."""
    cast = house.cast
    with unit_of_work(cast.harbor):
        message = post_message(cast.room, actor=cast.bob, body=f"It is {secret}.")
        label_object(cast.room, f"message:{message.id}", CONFIDENTIAL, actor=cast.alice)
    run = house.run({"reader": model(endpoint="low")})
    with unit_of_work(cast.harbor):
        follow_up = post_message(cast.room, actor=cast.bob, body="What about it?", thread=message)
        begun = start_run(cast.room, actor=cast.bob, team=run.version.team, goal="What about it?", message=follow_up)
    house.carry(begun)
    return house.at_model()


def search(tool: str) -> Any:
    """A model searches for what is labelled."""

    def flow(house: House, secret: str) -> Seen:
        document = house.document(secret, CONFIDENTIAL)
        with unit_of_work(house.cast.harbor):
            message = post_message(house.cast.room, actor=house.cast.bob, body=f"Report: it is {secret}.")
            label_object(house.cast.room, f"message:{message.id}", CONFIDENTIAL, actor=house.cast.alice)
        query = calling(tool, query="report")
        house.run({"reader": model(tool, endpoint="low")}, query, goal="Find it.", documents=[document])
        seen = house.at_model()
        return seen if tool == "documents.search" else Seen(seen.arrived, "left out")

    return flow


def inherited(house: House, secret: str) -> Seen:
    """A run at a cleared endpoint writes a document; a later one at a lower endpoint reads it."""
    document, name = house.document(secret, CONFIDENTIAL), f"{secret.lower()}-copy.md"
    read, write = calling("documents.read", document=document.name), calling("documents.write", name=name, text=secret)
    agents = {"writer": model("documents.read", "documents.write", endpoint="home")}
    house.run(agents, read, write, documents=[document])
    house.begin()
    with unit_of_work(house.cast.harbor):
        copy = Document.objects.get(name=name)
    return house.read(copy, "low")


FLOWS = [
    Flow("public document → endpoint", "arrives", "", reading({"level": "public"}, "low")),
    Flow("unlabelled document → endpoint", "arrives", "", reading(None, "low")),
    Flow("confidential document → endpoint for internal", "refused", DESTINATION, reading(CONFIDENTIAL, "low")),
    Flow("confidential document → cleared endpoint", "arrives", "", reading(CONFIDENTIAL, "home")),
    Flow("restricted document → agent for confidential", "refused", AGENT, reading({"level": "restricted"}, "home")),
    Flow("restricted document → cleared agent, endpoint for confidential", "refused", DESTINATION,
         reading({"level": "restricted"}, "home", clearance="restricted")),
    Flow("document of a compartment → agent not of it", "refused", AGENT, reading({"tags": ["need:legal"]}, "home")),
    Flow("document bound to DE → endpoint in US", "refused", "residency", reading({"residency": ["DE"]}, "texas")),
    Flow("document bound to DE → endpoint in DE", "arrives", "", reading({"residency": ["DE"]}, "home")),
    Flow("document bound to DE → endpoint nobody placed", "refused", "residency",
         reading({"residency": ["DE"]}, "low")),
    Flow("labelled column → endpoint for internal", "redacted", "", column("low")),
    Flow("labelled column → cleared endpoint", "arrives", "", column("home")),
    Flow("address in a confidential text → endpoint for internal", "redacted", "", letter),
    Flow("earlier result of a labelled column → endpoint", "refused", DESTINATION, earlier_result()),
    Flow("marked field of an earlier result → endpoint", "redacted", "", earlier_result(label="confidential")),
    Flow("labelled message in the thread → endpoint", "refused", DESTINATION, talk),
    Flow("labelled document found by search → endpoint", "refused", DESTINATION, search("documents.search")),
    Flow("labelled message found by search → endpoint", "left out", "", search("messages.search")),
    Flow("document a run wrote after reading → endpoint", "refused", DESTINATION, inherited),
    Flow("personal document, GDPR → endpoint without agreement", "refused", "processor (GDPR Article 28)",
         ruled("gdpr", PERSONAL, "bare")),
    Flow("personal document, GDPR → endpoint in US", "refused", "transfer (GDPR Article 44)",
         ruled("gdpr", PERSONAL, "texas")),
    Flow("personal document for billing, GDPR → team of claims", "refused", "purpose (GDPR Article 5(1)(b))",
         ruled("gdpr", {**PERSONAL, "purposes": ["billing"]}, "home")),
    Flow("personal document, GDPR → endpoint in DE with agreement", "arrives", "", ruled("gdpr", PERSONAL, "home")),
    Flow("special category, GDPR → endpoint", "asks", "special categories (GDPR Article 9)",
         ruled("gdpr", {"tags": ["personal", "special"]}, "home")),
    Flow("erased data, GDPR → endpoint", "refused", "erasure (GDPR Article 17)",
         ruled("gdpr", {"tags": ["erased"]}, "home")),
    Flow("health data, HIPAA → endpoint without agreement", "refused", "business associate (45 CFR 164.504(e))",
         ruled("hipaa", {"tags": ["phi"]}, "texas")),
]  # fmt: skip
