"""Flows out of the house, into other rooms and to other tenants."""

import re
from typing import Any

from accounts.tenancy import unit_of_work
from orchestration.actions.boundaries import set_egress
from tests.live.scripted_openai import Reply
from tests.orchestration.boundary_room import answer, calling, model
from tests.orchestration.flow_house import Flow, House, Label, Seen
from workrooms.actions.documents import add_document
from workrooms.actions.messages import post_message
from workrooms.actions.rooms import create_workroom
from workrooms.models import Document

CONFIDENTIAL: Label = {"level": "confidential"}
DESTINATION = "clearance of the destination"


def sending(label: Label, level: str | None = None, rules: str = "", **more: Any) -> Any:
    """Code reads a document with this label and sends it to the target, which is cleared for `level`."""

    def flow(house: House, secret: str) -> Seen:
        house.cleared_target(level, **more)
        document = house.document(secret, label)
        return house.ruled(rules, lambda: house.sent_by_code(document)) if rules else house.sent_by_code(document)

    return flow


def hijacked(house: House, secret: str) -> Seen:
    """A model reads what an outsider wrote and sends what stands in it."""
    house.cleared_target("confidential")
    document = house.document(secret, None)
    agents = {"reader": model("documents.read", "webhook.send", endpoint="home")}
    read, send = calling("documents.read", document=document.name), calling("webhook.send", body={"text": secret})
    house.run(agents, read, send, documents=[document])
    return house.at_target()


def placeholder(house: House, secret: str) -> Seen:
    """A model is shown a placeholder, and puts it into what it sends: the value would go out."""
    house.cleared_target(None)
    slug = house.source(secret, name=CONFIDENTIAL)
    agents = {"reader": model(f"sources.query:{slug}", "webhook.send", endpoint="low")}

    def script(body: dict[str, Any]) -> Reply:
        shown = re.search(r"\[name-[a-z2-7]{8}\]", str(body["messages"]))
        if shown is None:
            return calling("sources.query", source=slug)
        tried = "webhook_send" in str(body["messages"])
        return answer() if tried else calling("webhook.send", body={"name": shown[0]})

    house.run_script(agents, script)
    return house.at_target()


def elsewhere(house: House, secret: str) -> Seen:
    """A model asks by id for a document of another room."""
    slug = f"board-{secret.lower()}"
    with unit_of_work(house.cast.harbor):
        board = create_workroom(house.cast.harbor, actor=house.cast.alice, name=slug, slug=slug)
        document = add_document(board, actor=house.cast.alice, name="near.md", content=secret.encode())
        post_message(board, actor=house.cast.alice, body=secret)
    return asked_for(house, document, "documents.read", "documents.search", "messages.search")


def other_tenant(house: House, secret: str) -> Seen:
    """A model asks by id for a document of another organization."""
    with unit_of_work(house.cast.outsider):
        name = f"{secret.lower()}.md"
        document = add_document(house.cast.burrow, actor=house.cast.mallory, name=name, content=secret.encode())
    return asked_for(house, document, "documents.read")


def asked_for(house: House, document: Document, *tools: str) -> Seen:
    """What a model gets that asks for a document by id, and searches for what it may hold."""
    read = calling("documents.read", document=str(document.id))
    searches = [calling(tool, query="board near") for tool in tools[1:]]
    house.run({"reader": model(*tools, endpoint="home")}, read, *searches)
    return house.at_model()


def unlisted(house: House, secret: str) -> Seen:
    """Code sends what anybody may know to a target that is not on the room's list."""
    with unit_of_work(house.cast.harbor):
        set_egress(house.cast.room, actor=house.cast.alice, hosts=["pay.example"])
    seen = house.sent_by_code(house.document(secret, {"level": "public"}))
    with unit_of_work(house.cast.harbor):
        set_egress(house.cast.room, actor=house.cast.alice, hosts=None)
    return seen


FLOWS = [
    Flow("internal document → target, by code", "arrives", "", sending(None)),
    Flow("confidential document → target for internal", "refused", DESTINATION, sending(CONFIDENTIAL)),
    Flow("confidential document → cleared target", "arrives", "", sending(CONFIDENTIAL, "confidential")),
    Flow("restricted document → cleared target", "refused", DESTINATION,
         sending({"level": "restricted"}, "confidential")),
    Flow("confidential document, classification → cleared target", "asks",
         "classification: confidential data goes out by decision",
         sending(CONFIDENTIAL, "confidential", "classification")),
    Flow("restricted document, classification → target for restricted", "refused",
         "classification: restricted data stays", sending({"level": "restricted"}, "restricted", "classification")),
    Flow("document bound to DE → target in US", "refused", "residency",
         sending({"residency": ["DE"]}, "confidential", places=["US"])),
    Flow("document bound to DE → target in DE", "arrives", "",
         sending({"residency": ["DE"]}, "confidential", places=["DE"])),
    Flow("health data, HIPAA → target", "asks", "authorization (45 CFR 164.508)",
         sending({"tags": ["phi"]}, "confidential", "hipaa")),
    Flow("personal document, GDPR → target in US", "refused", "transfer (GDPR Article 44)",
         sending({"tags": ["personal"]}, "confidential", "gdpr", places=["US"])),
    Flow("what an outsider wrote → target, by a model", "asks", "untrusted content", hijacked),
    Flow("placeholder of a labelled column → target, by a model", "refused", DESTINATION, placeholder),
    Flow("public document → target not on the room's list", "refused", "egress of the room", unlisted),
    Flow("document of another room → agent here", "refused", "task", elsewhere),
    Flow("document of another tenant → agent here", "refused", "task", other_tenant),
]  # fmt: skip
