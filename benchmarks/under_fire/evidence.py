"""What is left when the fire is over: rows of the database, and what reached the receiver, which nobody killed."""

import json
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID


def lines(record: Path) -> list[dict[str, Any]]:
    """Return what arrived at the receiver, in order."""
    return [json.loads(line) for line in record.read_text().splitlines()] if record.exists() else []


def arrived(record: Path) -> Counter[tuple[str, str]]:
    """Return how often each (errand, part) arrived."""
    return Counter((line["body"]["errand"], line["body"]["part"]) for line in lines(record))


@dataclass(frozen=True)
class Evidence:
    """Rows as they lie in the database, and the lines of the receiver's record."""

    runs: list[Any]
    turns: list[Any]
    calls: list[Any]
    approvals: list[Any]
    decisions: list[Any]
    budgets: list[Any]
    events: list[Any]
    files: set[str]
    record: list[dict[str, Any]]

    @cached_property
    def roots(self) -> dict[UUID, Any]:
        """The runs that people started, by id."""
        return {run.id: run for run in self.runs if run.root_id is None}

    @cached_property
    def root_of(self) -> dict[UUID, UUID]:
        """The root of each run."""
        return {run.id: run.root_id_or_own for run in self.runs}

    def tree(self, root: UUID) -> list[Any]:
        """Return the turns of a whole run, of what is nested in it too."""
        return self._trees.get(root, [])

    @cached_property
    def _trees(self) -> dict[UUID, list[Any]]:
        trees: dict[UUID, list[Any]] = {}
        for turn in self.turns:
            trees.setdefault(self.root_of[turn.run_id], []).append(turn)
        return trees

    @cached_property
    def parts(self) -> Counter[tuple[str, str]]:
        """How often each (errand, part) arrived."""
        return Counter((line["body"]["errand"], line["body"]["part"]) for line in self.record)

    @cached_property
    def keys(self) -> Counter[str]:
        """How often each idempotency key arrived."""
        return Counter(line["key"] for line in self.record)

    def key_of(self, call: Any) -> str:
        """Return the idempotency key of a call: that of the first call of its turn which was to do the same."""
        return self._keys[call.turn_id, call.digest]

    @cached_property
    def _keys(self) -> dict[tuple[UUID, str], str]:
        calls = sorted(self.calls, key=lambda call: (call.response, call.position), reverse=True)
        return {(call.turn_id, call.digest): f"{call.turn_id}:{call.response}:{call.position}" for call in calls}

    def told(self, kind: str) -> Counter[UUID]:
        """Return how often an event of this kind names each turn."""
        return Counter(event.turn for event in self.events if event.kind == kind and event.turn)


def gather(organization: UUID, record: Path) -> Evidence:
    """Read everything of the organization."""
    from accounts.models import Event
    from accounts.tenancy import unit_of_work
    from orchestration.models import Approval, ApprovalDecision, Budget, Run, ToolCall, Turn
    from workrooms.models import Revision

    with unit_of_work(organization):
        return Evidence(
            list(Run.objects.select_related("version__team")),
            list(Turn.objects.order_by("run", "number")),
            list(ToolCall.objects.all()),
            list(Approval.objects.all()),
            list(ApprovalDecision.objects.exclude(decision="ask")),
            list(Budget.objects.all()),
            list(Event.objects.order_by("ledger", "seq").only("ledger", "seq", "kind", "run", "turn", "object")),
            set(Revision.objects.values_list("file", flat=True)),
            lines(record),
        )
