"""The form by which people begin a run from a turn of another: what it offers, and what they filled in."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts.errors import Invalid
from orchestration.intervening.changes import Changes
from orchestration.models import Endpoint, Run, Turn
from orchestration.standing import plan_of
from workrooms.models import Revision

AGENT, MODEL, DOCUMENT = "agent:", "model:", "document:"


def form_context(run: Run, turn: Turn | None) -> dict[str, Any]:
    """Return what the form offers: turns with an answer, who may answer in whose place, revisions, and the answer."""
    rows = Turn.objects.filter(Q(run=run) | Q(run__root=run), state=Turn.State.FINISHED, user__isnull=False)
    documents = [{**reference, "revisions": _revisions(reference["id"], run)} for reference in run.documents]
    return {
        "run": run,
        "turn": turn,
        "turns": list(rows.exclude(purpose="verify").select_related("user").order_by("finished_at", "number")),
        "agents": sorted(plan_of(run).agents),
        "endpoints": list(Endpoint.objects.order_by("slug")),
        "documents": documents,
        "output": json.dumps(turn.output, indent=2, ensure_ascii=False) if turn and turn.output else "",
    }


def _revisions(document: str, run: Run) -> list[int]:
    found = Revision.objects.filter(document=document, document__workroom=run.workroom).order_by("-number")
    return list(found.values_list("number", flat=True)[:50])


def read_changes(run: Run, turn: Turn | None, given: Mapping[str, str]) -> Changes:
    """Return what was filled in, where it differs from the run. Raises Invalid."""
    chosen = {name.removeprefix(AGENT): said for name, said in given.items() if name.startswith(AGENT) and said}
    named = {key.removeprefix(DOCUMENT): said for key, said in given.items() if key.startswith(DOCUMENT) and said}
    before = {reference["id"]: reference["revision"] for reference in run.documents}
    wanted = {key: _number(key, said) for key, said in named.items()}
    goal = given.get("goal", "").strip()
    return Changes(
        goal="" if goal == run.goal else goal,
        agents={name: said.removeprefix(AGENT) for name, said in chosen.items() if said.startswith(AGENT)},
        models={name: said.removeprefix(MODEL) for name, said in chosen.items() if said.startswith(MODEL)},
        documents={UUID(key): number for key, number in wanted.items() if key in before and number != before[key]},
        output=_edits(turn, given.get("output", "")),
    )


def _number(key: str, said: str) -> int:
    if not (said.isascii() and said.isdecimal() and len(said) < 9):
        raise Invalid("Say which revision.", [(f"documents.{key}", "expected the number of a revision")])
    return int(said)


def _edits(turn: Turn | None, text: str) -> dict[str, Any]:
    if turn is None or not text.strip():
        return {}
    try:
        said = json.loads(text)
    except ValueError as error:
        raise Invalid("The edited answer cannot be read.", [("output", f"expected JSON: {error}")]) from None
    if not isinstance(said, dict):
        raise Invalid("The edited answer cannot be read.", [("output", "expected an object of fields")])
    before = turn.output or {}
    return {name: value for name, value in said.items() if name not in before or before[name] != value}
