"""The teams that work under fire: each pattern alone and nested, with questions to people and outward calls.

`ERRANDS` says of each what a finished run consists of: how often each agent finished a turn of work, and which parts
the receiver got. An agent that speaks through the scripted model carries its answer in its instructions.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Definition = dict[str, Any]

SAID: Definition = {
    "type": "object",
    "required": ["summary"],
    "properties": {"summary": {"type": "string"}, "approved": {"type": "boolean"}, "text": {"type": "string"}},
}
LIMITS = {"turns": 60, "tokens": 2_000_000, "cost_cents": 10_000, "seconds": 7_200}
NO = {"approved": False, "reasons": ["Too short."], "summary": "No."}
YES = {"approved": True, "reasons": [], "summary": "Yes."}
OVER = {"next": None, "task": "", "progress": True, "done": True}


@dataclass(frozen=True, slots=True)
class Errand:
    """A team, the pattern it shows, what a finished run of it consists of, and what people may change when asked."""

    pattern: str
    definition: Definition
    turns: Mapping[str, int]
    sends: tuple[str, ...] = ()
    edits: Mapping[str, Any] = field(default_factory=dict)


def says(*lines: Definition, **more: Any) -> Definition:
    """An agent that reads its lines from a script."""
    script = "\n".join(json.dumps(line) for line in lines)
    brain = {"procedure": "rehearsal.script"}
    return {"role": "Plays a part", "brain": brain, "instructions": f"Play.\nRehearsal:\n{script}\n", **more}


def thinks(answer: Definition, note: bool = False) -> Definition:
    """An agent on the model: it gives `answer`, after writing a document if it is to leave a `note`."""
    words = f"Answer: {json.dumps(answer)}\n" + ("First write a note.\n" if note else "")
    tools = ["documents.write"] if note else []
    return {"role": "Thinks", "brain": {"model": {}}, "instructions": words, "output": SAID, "tools": tools}


def sends(part: str) -> Definition:
    """An agent that makes one outward call, and asks people when it fails."""
    body = {"errand": "$goal", "part": part}
    line = {"calls": [["webhook.send", {"body": body}]], "summary": f"{part} is sent."}
    return says(line, tools=["webhook.send"], on_failure="ask")


def nested(name: str, pattern: str, *members: Definition, **more: Any) -> Definition:
    """A team written in place."""
    return {"team": {"name": name, "pattern": pattern, "members": list(members), **more}}


def team(pattern: str, members: list[Definition], agents: Mapping[str, Definition], **more: Any) -> Definition:
    """A whole team."""
    return {"schema": 1, "name": "Errands", "pattern": pattern, "members": members, "agents": dict(agents),
            "limits": {**LIMITS, **more.pop("limits", {})}, **more}  # fmt: skip


def by(*names: str) -> list[Definition]:
    """These agents as members."""
    return [{"agent": name} for name in names]


def gives(name: str, task: str) -> Definition:
    """What a manager says when it gives out a task."""
    return {"next": name, "task": task, "progress": True, "done": False}


def managed(*tasks: tuple[str, str]) -> Definition:
    """A manager that plans these (member, task), gives them out in order, and answers."""
    plan = {"tasks": [{"agent": name, "task": task} for name, task in tasks]}
    return says(plan, *(gives(*one) for one in tasks), OVER, {"summary": "So.", "references": [3]})


def handed(to: str) -> Definition:
    """A hand-over, with what is said when people take it as it is."""
    return {"handoff": {"to": to, "payload": {"paper": 7}}, "summary": "Handed on."}


MAKER = {"summary": "A draft.", "text": "A draft."}
LARGE = {"name": "large", "when": "agent == 'judge' && output.amount > 500",
         "ask": {"relation": "approver", "because": "Large amounts are looked at."}}  # fmt: skip

ERRANDS: dict[str, Errand] = {
    "settle": Errand(
        "sequential",
        team("sequential", by("intake", "judge", "writer", "sender"), {
            "intake": says({"amount": "$input.amount", "summary": "Taken in."}),
            "judge": says({"amount": "$results.intake.amount", "summary": "Judged."}),
            "writer": thinks({"summary": "Written."}, note=True),
            "sender": sends("letter"),
        }, exceptions=[LARGE]),
        {"intake": 1, "judge": 1, "writer": 1, "sender": 1}, ("letter",), {"amount": 499},
    ),
    "panel": Errand(
        "concurrent",
        team("concurrent", [*by("reader", "counter"), nested("chain", "sequential", *by("first", "second"))], {
            "reader": thinks({"summary": "Read."}), "counter": says({"summary": "Counted."}),
            "first": says({"summary": "First."}), "second": thinks({"summary": "Second."}),
            "joiner": sends("panel"),
        }, join="joiner"),
        {"reader": 1, "counter": 1, "first": 1, "second": 1, "joiner": 1}, ("panel",),
    ),
    "fan": Errand(
        "concurrent",
        team("concurrent", by("left", "middle", "right"),
             {"left": sends("left"), "middle": sends("middle"), "right": sends("right")}),
        {"left": 1, "middle": 1, "right": 1}, ("left", "middle", "right"),
    ),
    "chat": Errand(
        "group_chat",
        team("sequential", [nested("talk", "group_chat", *by("maker", "checker"), until="last.output.approved"),
                            {"agent": "sender"}],
             {"maker": thinks(MAKER), "checker": says(NO, YES), "sender": sends("draft")}),
        {"maker": 2, "checker": 2, "sender": 1}, ("draft",),
    ),
    "rounds": Errand(
        "group_chat",
        team("group_chat", by("maker", "checker"), {"maker": thinks(MAKER), "checker": says(NO)},
             until="last.output.approved", limits={"rounds": 2}),
        {"maker": 2, "checker": 2}, (), {"text": "A person's own."},
    ),
    "desk": Errand(
        "handoff",
        team("handoff", by("triage", "billing"), {"triage": says(handed("billing")), "billing": sends("bill")}),
        {"triage": 1, "billing": 1}, ("bill",),
    ),
    "escalate": Errand(
        "handoff",
        team("handoff", by("triage", "billing"), {"triage": thinks({**handed("people")}), "billing": sends("bill")}),
        {"triage": 1, "billing": 1}, ("bill",), {"handoff": {"to": "billing", "payload": {"paper": 8}}},
    ),
    "plan": Errand(
        "manager",
        team("manager", by("ada", "ben"), {
            "ada": thinks({"summary": "Read."}, note=True), "ben": sends("report"),
            "maya": managed(("ada", "Read"), ("ben", "Send")),
        }, manager="maya", plan_review="people"),
        {"ada": 1, "ben": 1, "maya": 1}, ("report",),
    ),
    "deep": Errand(
        "manager",
        team("manager", [
            nested("argue", "concurrent", nested("hand", "handoff", *by("triage", "billing")),
                   nested("talk", "group_chat", *by("maker", "checker"), until="last.output.approved"), join="joiner"),
            {"agent": "ben"},
        ], {
            "triage": says(handed("billing")), "billing": thinks({"summary": "Billed."}), "maker": thinks(MAKER),
            "checker": says(NO, YES), "joiner": says({"summary": "Joined."}), "ben": sends("deep"),
            "maya": managed(("argue", "Argue"), ("ben", "Send")),
        }, manager="maya"),
        {"triage": 1, "billing": 1, "maker": 2, "checker": 2, "joiner": 1, "ben": 1, "maya": 1}, ("deep",),
    ),
}  # fmt: skip
