"""A house in which data could flow anywhere: what the flows of `test_label_flows` are tried on, through its own doors.

Each flow has a secret of its own. `Flow.expected` is one of: arrives, redacted (without the secret), refused, asks (a
person decides first), private (for those who are cleared, a word about it for the others), left out (not found).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.test.utils import override_settings

from accounts.labelling import set_clearance, set_label
from accounts.models import Event, User
from accounts.tenancy import unit_of_work
from orchestration.actions.means import set_endpoint, set_source, set_target
from orchestration.engine import work
from orchestration.models import Approval, Run
from tests.cast import Cast
from tests.live.receiver import Receiver
from tests.live.scripted_openai import Reply, ScriptedOpenAI
from tests.orchestration.boundary_room import answer, begun, calling, labelled_document, model
from tests.orchestration.rehearsals import says
from workrooms.actions.clearances import clear_person
from workrooms.actions.rules import remove_rules, set_rules
from workrooms.models import Document, Workroom

Label = dict[str, Any] | None
CLEAR: dict[str, dict[str, Any]] = {
    "home": {"level": "confidential", "places": ["DE"], "eligible": ["gdpr", "hipaa"]},
    "texas": {"level": "confidential", "places": ["US"], "eligible": ["gdpr"]},
    "bare": {"level": "confidential", "places": ["DE"]},
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a flow: everything that arrived at its end, and what the house says of it."""

    arrived: str
    outcome: str = ""
    boundary: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """One row: where data with which label would go, what is expected, which boundary is named."""

    name: str
    expected: str
    boundary: str
    try_it: "Callable[[House, str], Seen]"


@dataclass
class House:
    """The cast's room with a scripted model under several names, a receiver outside, and people."""

    cast: Cast
    server: ScriptedOpenAI
    receiver: Receiver
    folder: Path
    web: str = ""
    requests: int = 0
    posts: int = 0
    events: int = 0

    def furnish(self) -> None:
        """Name the endpoints and the target, clear them, and limit Vera and Olivia to internal data."""
        cast = self.cast
        trusted = override_settings(WORKROOM_TRUSTED_HOSTS=[self.server.place, self.receiver.place])
        with trusted, unit_of_work(cast.harbor):
            for slug in ("low", *CLEAR):
                set_endpoint(actor=cast.alice, slug=slug, url=self.server.url, model="m", key="k", price="1/2")
            for slug, cleared in CLEAR.items():
                set_clearance(f"endpoint:{slug}", actor=cast.alice, **cleared)
            set_target(cast.room, actor=cast.alice, url=self.receiver.url)
            for person in (cast.vera, cast.olivia):
                clear_person(person, actor=cast.alice, level="internal")

    def begin(self) -> None:
        """Look only at what comes from now on."""
        self.requests, self.posts = len(self.server.requests), len(self.receiver.received)
        with unit_of_work(self.cast.harbor):
            newest = Event.objects.filter(ledger_id=self.cast.room.id).order_by("-seq")
            self.events = newest.values_list("seq", flat=True).first() or 0

    def cleared_target(self, level: str | None, **more: Any) -> None:
        """Clear the target for this much; None takes the clearance to internal."""
        with unit_of_work(self.cast.harbor):
            target = Workroom.objects.get(pk=self.cast.room.pk).target
            set_clearance(f"target:{target.id}", actor=self.cast.alice, level=level or "internal", **more)

    def ruled(self, slug: str, flow: "Callable[[], Seen]") -> Seen:
        """Try a flow while a rule set is in force in the room."""
        self.rule(slug, on=True)
        try:
            return flow()
        finally:
            self.rule(slug, on=False)

    def rule(self, slug: str, on: bool) -> None:
        """Put a rule set in force in the room, or take it out."""
        with unit_of_work(self.cast.harbor):
            room = Workroom.objects.get(pk=self.cast.room.pk)
            if on:
                set_rules(slug, actor=self.cast.alice, room=room)
            else:
                remove_rules(slug, actor=self.cast.alice, room=room)

    def document(self, secret: str, label: Label, name: str = "") -> Document:
        """A document with the secret in it."""
        found: Document = labelled_document(
            self.cast, name or f"{secret.lower()}.md", f"Report: it is {secret}.", label
        )
        return found

    def source(self, secret: str, **columns: Label) -> str:
        """A table with the secret as a name; return its slug."""
        slug = secret.lower()
        file = self.folder / f"{slug}.csv"
        file.write_text(f"number,name,city\n1,{secret},Bergen\n")
        with unit_of_work(self.cast.harbor):
            source = set_source(actor=self.cast.alice, slug=slug, location=str(file), rooms=[self.cast.room])
            for column, label in columns.items():
                set_label(f"source:{source.id}/{column}", label, actor=self.cast.alice, ledger=self.cast.room.id)
        return slug

    def run(self, agents: dict[str, Any], *replies: Reply, **given: Any) -> Run:
        """Start a team on this and carry it as far as it goes."""
        self.server.say([*replies, answer(), answer()])
        return self.carry(begun(self.cast, agents, **given))

    def run_script(self, agents: dict[str, Any], script: Callable[[dict[str, Any]], Reply]) -> Run:
        """`run` with a model that answers what `script` makes of each request."""
        self.server.say(script)
        return self.carry(begun(self.cast, agents))

    def limit(self, user: User, level: str | None) -> None:
        """Clear a person for this much; None: all that their rooms hold."""
        with unit_of_work(self.cast.harbor):
            clear_person(user, actor=self.cast.alice, level=level)

    def carry(self, run: Run) -> Run:
        """Carry a run as far as it goes."""
        with override_settings(WORKROOM_TRUSTED_HOSTS=[self.server.place, self.receiver.place]):
            work(self.cast.harbor.id, run.id)
        with unit_of_work(self.cast.harbor):
            kept: Run = Run.objects.select_related("version__team__published").get(pk=run.pk)
        return kept

    def read(self, document: Document, endpoint: str, **more: Any) -> Seen:
        """Let a model at an endpoint read a document."""
        agents = {"reader": model("documents.read", endpoint=endpoint, **more)}
        self.run(agents, calling("documents.read", document=document.name), documents=[document])
        return self.at_model()

    def sent_by_code(self, document: Document, body: dict[str, Any] | None = None) -> Seen:
        """Let code read a document and send what it read to the target."""
        calls = [["documents.read", {"document": document.name}],
                 ["webhook.send", {"body": body or {"text": "$calls.0.text"}}]]  # fmt: skip
        line = {"calls": calls, "summary": "Sent."}
        tools = ["documents.read", "webhook.send"]
        self.run({"sender": says(line, tools=tools, clearance="restricted")}, documents=[document])
        return self.at_target()

    def at_model(self) -> Seen:
        """What arrived at the model since the flow began."""
        bodies = [request.body["messages"] for request in self.server.requests[self.requests :]]
        return self._seen(json.dumps(bodies, ensure_ascii=False))

    def at_target(self) -> Seen:
        """What arrived at the receiver outside since the flow began."""
        return self._seen(json.dumps(self.receiver.received[self.posts :], ensure_ascii=False))

    def http(self, answered: Any, secret: str) -> Seen:
        """What an HTTP answer comes to: refused (the ledger says why), left out, or the secret arrives."""
        body = b"".join(answered.streaming_content) if answered.streaming else answered.content
        text = body.decode(errors="replace")
        if answered.status_code < 400:
            return Seen(text, "arrives" if secret in text else "left out")
        with unit_of_work(self.cast.harbor):
            refused = Event.objects.filter(kind="access.denied").latest("seq").payload
        assert refused["path"] == answered.request["PATH_INFO"][:200]
        return Seen(text, "refused", refused.get("boundary", ""))

    def _seen(self, arrived: str) -> Seen:
        with unit_of_work(self.cast.harbor):
            told = Event.objects.filter(ledger_id=self.cast.room.id, seq__gt=self.events).order_by("seq")
            events = list(told.values_list("kind", "payload"))
            asking = Approval.objects.filter(state="open", action__act="call").exists()
            Approval.objects.filter(state="open").update(state="superseded")
        payloads = dict(reversed(events))
        for kind, outcome in (("authority.denied", "refused"), ("authority.asked", "asks")):
            if kind in payloads:
                factors = payloads[kind]["factors"]
                against = {name: one for name, one in factors.items() if one["outcome"] != "permit"}
                named = next((one["boundary"] for one in against.values() if one.get("boundary")), "")
                return Seen(arrived, outcome if outcome == "refused" or asking else "", named or next(iter(against)))
        return Seen(arrived, "redacted" if "prompt.redacted" in payloads else "arrives")


def who(cast: Cast, name: str) -> User:
    """Somebody of the cast."""
    found: User = getattr(cast, name)
    return found
