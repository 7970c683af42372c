"""People who start errands and answer questions over the HTTP API, again and again until they are told what came of it.

A request that broke, or was answered with 5xx, is repeated with the same `Idempotency-Key`.
"""

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx2

from benchmarks.under_fire.errands import ERRANDS
from benchmarks.under_fire.evidence import arrived

PATIENCE_SECONDS = 180
PAUSE_SECONDS = 0.4
LOOK_SECONDS = 1.0
MOST_AT_ONCE = 6
SHARE_OF_TWINS = 0.2
Answer = tuple[int, Any]


class Person:
    """Somebody with a token who does not give up."""

    def __init__(self, url: str, token: str) -> None:
        self._client = httpx2.Client(base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=15)
        self.broken = 0

    def call(self, method: str, path: str, data: Any = None, key: str = "") -> Answer:
        """Return status and JSON of the first answer below 500; raises TimeoutError when none comes."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            try:
                headers = {"Idempotency-Key": key} if key else {}
                answer = self._client.request(method, path, json=data, headers=headers)
                if answer.status_code < 500:
                    return answer.status_code, answer.json()
            except (httpx2.TransportError, ValueError):
                pass
            self.broken += 1
            time.sleep(PAUSE_SECONDS)
        raise TimeoutError(f"no answer to {method} {path} within {PATIENCE_SECONDS} s")


@dataclass
class Said:
    """What people were told came of what they did: runs by goal, and the answers to each question."""

    started: dict[str, str] = field(default_factory=dict)
    closed: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    raced: int = 0
    broken: int = 0
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class Desk:
    """What the people of a chaos share."""

    url: str
    tokens: dict[str, str]
    rooms: dict[str, str]
    record: Any
    said: Said = field(default_factory=Said)
    over: threading.Event = field(default_factory=threading.Event)

    def person(self, name: str) -> Person:
        return Person(self.url, self.tokens[name])


def start_errand(desk: Desk, ed: Person, number: int, team: str, room: str, amount: int) -> None:
    """Start one run and keep what was answered."""
    goal = f"Errand {number}"
    data = {"team": team, "goal": goal, "input": {"amount": amount}}
    try:
        status, answer = ed.call("POST", f"/workrooms/{desk.rooms[room]}/runs", data, f"start-{number}")
    except TimeoutError as silence:
        status, answer = 0, silence
    with desk.said.lock:
        if status == 202:
            desk.said.started[goal] = answer["id"]
        else:
            desk.said.wrong.append(f"start of {goal}: {status} {answer}")


def decide_until_over(desk: Desk, seed: int) -> None:
    """Answer open questions, in any order, some twice at the same moment, until nobody asks any more."""
    pat, paula = desk.person("pat"), desk.person("paula")
    try:
        _decide(desk, pat, paula, random.Random(seed))
    except TimeoutError as silence:
        desk.said.wrong.append(str(silence))
    with desk.said.lock:
        desk.said.broken += pat.broken + paula.broken


def _decide(desk: Desk, pat: Person, paula: Person, chance: random.Random) -> None:
    while not desk.over.is_set():
        _, page = pat.call("GET", "/approvals?state=open")
        for approval in chance.sample(page["items"], k=min(len(page["items"]), MOST_AT_ONCE)):
            verb, more = _choose(desk, chance, approval)
            key = f"{approval['id']}-{chance.random()}"
            if chance.random() > SHARE_OF_TWINS:
                _answer(desk, pat, approval, verb, more, key)
                continue
            with desk.said.lock:
                desk.said.raced += 1
            twin = threading.Thread(target=_answer, args=(desk, paula, approval, verb, more, f"{key}-twin"))
            twin.start()
            _answer(desk, pat, approval, verb, more, key)
            twin.join()
        time.sleep(LOOK_SECONDS)


def _answer(desk: Desk, who: Person, approval: dict[str, Any], verb: str, more: dict[str, Any], key: str) -> None:
    data = {"decision": verb, "digest": approval["digest"], "reason": "Because.", **more}
    status, answer = who.call("POST", f"/approvals/{approval['id']}/decisions", data, key)
    with desk.said.lock:
        if status == 201 and verb != "ask":
            desk.said.closed.setdefault(approval["id"], []).append((key, verb))
        elif status == 409:
            desk.said.refused[str(answer.get("detail", "")).split(":")[0][:60]] += 1
        elif status not in (201, 404):
            desk.said.wrong.append(f"{verb} to {approval['title']}: {status} {answer}")


def _choose(desk: Desk, chance: random.Random, approval: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """What to answer: mostly yes; a call that may have been made is looked up at the receiver."""
    act, drawn = approval["action"]["act"], chance.random()
    if act == "confirm":
        body = approval["action"]["arguments"]["body"]
        time.sleep(1.0)
        return ("approve" if arrived(desk.record)[body["errand"], body["part"]] else "reject"), {}
    if act == "retry":
        return "approve", {}
    output = approval["action"].get("output") or {}
    edits = next((dict(one.edits) for one in ERRANDS.values() if one.edits and set(one.edits) <= set(output)), {})
    if "handoff" in output:
        return "edit", {"edits": edits}
    if edits and drawn < 0.1:
        return "edit", {"edits": edits}
    if drawn < 0.14:
        return "reject", {}
    return ("ask" if drawn < 0.18 else "approve"), {}
