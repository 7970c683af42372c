"""What a turn is asked for. Its purpose decides what its agent has to answer, and what it is told besides its own
instructions: choosing, planning and verifying are turns like any other, with an answer that the engine can read.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from orchestration.patterns.base import PEOPLE
from orchestration.teams.plan import AgentPlan, TeamPlan

Schema = dict[str, Any]
WORK = ("work", "join", "final")
SCRIPT = "Rehearsal:"

_TEXT: Schema = {"type": "string"}
ANYTHING: Schema = {"type": "object", "properties": {"summary": _TEXT}}


def _object(*required: str, **properties: Any) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required)}


NEXT_SPEAKER = _object("next", "done", next={"type": ["string", "null"]}, done={"type": "boolean"}, because=_TEXT)
NEXT_TASK = _object(
    "next", "done", "progress", "task",
    next={"type": ["string", "null"]}, done={"type": "boolean"}, progress={"type": "boolean"}, task=_TEXT,
    because=_TEXT,
)  # fmt: skip
TASKS: Schema = {
    "type": "array",
    "minItems": 1,
    "maxItems": 50,
    "items": _object("task", "agent", task={"type": "string", "minLength": 1, "maxLength": 500}, agent=_TEXT),
}
PLAN = _object("tasks", tasks=TASKS, facts={"type": "array", "items": _TEXT})
VERDICT = _object("approved", "reasons", approved={"type": "boolean"}, reasons={"type": "array", "items": _TEXT})

TOLD = {
    "plan": "Write a plan for the request: tasks in order, each for one of the members. Earlier results, if there are "
    "any, did not suffice: plan what is still missing.",
    "choose": "Say who of the members or of those who may speak goes on (`next`), or that it is `done`.",
    "final": "Answer the request from the results alone. `references` are the numbers of the turns it rests on.",
    "verify": "Somebody else wrote `output`. Check it against what they were asked and given. Approve it only if it "
    "is right; otherwise give every reason why not.",
}


def asked_for(team: TeamPlan, agent: AgentPlan, purpose: str, given: Mapping[str, Any]) -> AgentPlan:
    """The agent as one turn needs it: with the contract and the words of the turn's purpose."""
    if agent.brain.kind == "model":
        agent = replace(agent, instructions=prose(agent.instructions))
    told = TOLD.get(purpose, "")
    words = f"{agent.instructions.strip()}\n\n{told}".strip() if told else agent.instructions
    if purpose == "final":
        return replace(agent, instructions=words, input_schema={}, output_schema=_referring(agent, given))
    if purpose in TOLD:
        choice = NEXT_TASK if team.pattern == "manager" else NEXT_SPEAKER
        schema = {"plan": PLAN, "verify": VERDICT}.get(purpose, choice)
        return replace(agent, instructions=words, input_schema={}, output_schema=schema, checks=())
    return _handing(team, agent) if team.pattern == "handoff" else agent


def prose(instructions: str) -> str:
    """Instructions without the script that a rehearsal says (`orchestration.procedures.rehearsal`)."""
    return instructions.partition(f"{SCRIPT}\n")[0].rstrip()


def _referring(agent: AgentPlan, given: Mapping[str, Any]) -> Schema:
    """The manager's own answer, with references to turns that it was shown."""
    own = agent.output_schema or ANYTHING
    turns = [one["turn"] for one in given.get("results", [])]
    references = {"type": "array", "items": {"enum": turns} if turns else False, "uniqueItems": True}
    properties = {**own.get("properties", {}), "references": references}
    return {**own, "properties": properties, "required": [*own.get("required", []), "references"]}


def _handing(team: TeamPlan, agent: AgentPlan) -> AgentPlan:
    """An agent that answers or hands on: to whom it may, with what that one needs, or to people."""
    own = {key: value for key, value in (agent.output_schema or ANYTHING).items() if key != "$defs"}
    handoff = {"anyOf": [_receiver(name, schema) for name, schema in _receivers(team, agent.name).items()]}
    schema = {
        "type": "object",
        "properties": {**own.get("properties", {}), "handoff": handoff},
        "if": {"required": ["handoff"]},
        "else": own,
        "$defs": agent.output_schema.get("$defs", {}),
    }
    checks = tuple(f"has(output.handoff) || ({rule})" for rule in agent.checks)
    words = f"{agent.instructions.strip()}\n\nAnswer, or hand this on: `handoff` says to whom, with what they need."
    return replace(agent, instructions=words.strip(), output_schema=schema, checks=checks)


def _receivers(team: TeamPlan, giver: str) -> dict[str, Schema]:
    allowed = None if team.terms.handoffs is None else team.terms.handoffs.get(giver, ())
    fit = [place for place in team.members if place.name != giver and (allowed is None or place.name in allowed)]
    known = {place.name: team.agents[place.name].input_schema if place.kind == "agent" else {} for place in fit}
    return {**known, PEOPLE: {}}


def _receiver(name: str, wanted: Schema) -> Schema:
    """A schema that refers into itself cannot stand within another: then the receiver's own contract decides."""
    payload = {"type": "object"} if "$defs" in wanted else {"type": "object", **wanted}
    return _object("to", *(["payload"] if wanted.get("required") else []), to={"const": name}, payload=payload)


def hands_on(team: TeamPlan, output: Mapping[str, Any] | None) -> bool:
    """Whether an output is a hand-over, which is nobody's result yet."""
    return team.pattern == "handoff" and isinstance((output or {}).get("handoff"), dict)


def words_of(purpose: str, output: Mapping[str, Any]) -> str:
    """What people read of an answer in the room; "" where it has no words of its own."""
    if output.get("summary"):
        return str(output["summary"])
    because = f" {output['because']}" if output.get("because") else ""
    if purpose == "plan":
        tasks = [one for one in output.get("tasks", []) if isinstance(one, dict)]
        return "The plan:\n" + "\n".join(
            f"{n}. {one.get('agent')}: {one.get('task')}" for n, one in enumerate(tasks, 1)
        )
    if purpose == "choose":
        task = f": {output['task']}" if output.get("task") else "."
        return f"That is all.{because}" if output.get("done") else f"Next is {output.get('next')}{task}{because}"
    if purpose == "verify":
        return (
            "Approved." if output.get("approved") else "Not approved. " + " ".join(map(str, output.get("reasons", [])))
        )
    handed = output.get("handoff")
    return f"Handed on to {handed.get('to')}." if isinstance(handed, dict) else ""
