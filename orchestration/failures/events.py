"""Reading a run from its events, as exports have them: dicts with `seq`, `kind`, `actor`, `object`, `turn`, `payload`.

They are those of a root run and of all that is nested in it, in order. What a run took over from another counts as its
own, but what went wrong there already is a finding of that run; a turn that was set aside does not count. An event
whose payload was erased says nothing.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from orchestration.failures.trace import VERIFIES, Call, End, Event, Go, Question, Said, Trace
from orchestration.patterns.base import place_of

UNDER_WAY = ("tool.started", "authority.asked")


def read_trace(events: Iterable[Event], definitions: Mapping[str, Mapping[str, Any]]) -> Trace:
    """Read the events of one run."""
    trace = Trace(definitions, [event for event in events if event.get("payload") is not None])
    for event in trace.events:
        _read(trace, event, str(event["kind"]), event["payload"])
    return trace


def _read(trace: Trace, event: Event, kind: str, payload: Mapping[str, Any]) -> None:
    noun, _, verb = kind.partition(".")
    go = trace.turns.get(str(event.get("turn")))
    if kind in ("turn.started", "turn.replayed"):
        go = trace.turns[str(event["turn"])] = _begun(event, payload)
        if kind == "turn.replayed":
            trace.taken_over.add(go.seq)
            go.told.append(_said(go, event, str(payload["state"]), payload))
    elif kind == "turn.superseded":
        trace.set_aside.add(str(event.get("turn")))
        trace.turns.pop(str(event.get("turn")), None)
    elif kind == "run.retried":
        trace.ends.clear()
    elif kind == "run.started" and go is not None:
        go.began.append(int(event["seq"]))
    elif noun == "run" and verb in ("finished", "failed", "stopped"):
        run = str(event.get("object") or "").partition(":")[2]
        told = (str(payload.get("reason") or ""), payload.get("result"), bool(payload.get("child")))
        trace.ends.append(End(int(event["seq"]), run, verb, *told))
    elif noun == "approval":
        _asked(trace, event, verb, payload)
    elif noun == "turn" and "output" in payload and go is not None:
        go.told.append(_said(go, event, verb, payload))
    elif go is not None and "tool" in payload and kind not in UNDER_WAY:
        go.calls.append(_called(event, kind, payload))


def _begun(event: Event, payload: Mapping[str, Any]) -> Go:
    member = str(payload["member"])
    place = place_of(member.partition(VERIFIES)[0])
    return Go(
        id=str(event["turn"]),
        seq=int(event["seq"]),
        agent=str(payload["agent"]),
        member=member,
        purpose=str(payload["purpose"]),
        given=str(payload.get("given") or ""),
        note=str(payload.get("note") or ""),
        scope=place.rpartition(".")[0],
    )


def _said(go: Go, event: Event, state: str, payload: Mapping[str, Any]) -> Said:
    return Said(go, int(event["seq"]), state, payload.get("output") or {}, str(payload.get("error") or ""))


def _asked(trace: Trace, event: Event, verb: str, payload: Mapping[str, Any]) -> None:
    key = str(event.get("object"))
    if verb == "opened":
        act = str((payload.get("action") or {}).get("act", ""))
        rules, reasons = payload.get("rules") or [], payload.get("reasons") or []
        trace.questions[key] = Question(int(event["seq"]), str(event.get("turn")), act, rules, reasons)
    elif key in trace.questions and verb in ("approved", "edited", "rejected", "expired"):
        trace.questions[key].answer, trace.questions[key].closed = verb, int(event["seq"])


def _called(event: Event, kind: str, payload: Mapping[str, Any]) -> Call:
    rest = {name: value for name, value in payload.items() if name not in ("tool", "arguments", "try")}
    outcome = f"{kind} {json.dumps(rest, sort_keys=True, default=str)}"
    arguments, trial = str(payload.get("arguments") or event["seq"]), int(payload.get("try") or 0)
    return Call(int(event["seq"]), kind, str(payload["tool"]), arguments, trial, outcome, payload)
