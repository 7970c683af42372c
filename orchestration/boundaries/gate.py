"""What stands between a run and the endpoint that answers for one of its agents.

What may go there goes as it is. If it may not, what can be taken out is taken out; if that is not enough, nothing goes.
"""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from accounts.authority.labels import Destination, Label
from accounts.authority.masking import Mask, restored
from accounts.authority.rulebook import Ruling
from accounts.ledger.record import record
from accounts.models import Withheld
from accounts.secrets import open_secret, seal_secret
from orchestration.boundaries.audience import is_private
from orchestration.boundaries.held import label_of_run, note_read, rest_of_run
from orchestration.boundaries.mask import mask_of, redaction_of
from orchestration.boundaries.places import answering, fitting, rulings
from orchestration.boundaries.said import label_of_talk
from orchestration.brains.assignment import Assignment, DocumentRef
from orchestration.models import Run
from orchestration.tools.context import Context


@dataclass
class Gate:
    """One conversation's way out to the endpoint `to`. Everything here needs a unit of work, but for `restored`.

    `refusal` says why nothing may go, `kept` is what placeholders stand for, and `private` that not everybody in the
    room may see what the run knows.
    """

    context: Context
    to: Destination
    refusal: str = ""
    kept: dict[str, Any] = field(default_factory=dict)
    private: bool = False

    def assignment(self, given: Assignment) -> Assignment:
        """Return what an agent is given, as the endpoint may see it."""
        mask = self._mask()
        if mask is None:
            return given
        shown = replace(
            given,
            goal=mask.text(given.goal),
            input=mask.clean(given.input),
            results={agent: mask.clean(result) for agent, result in given.results.items()},
            documents=tuple(DocumentRef(ref.id, mask.text(ref.name), ref.revision) for ref in given.documents),
            messages=tuple(map(mask.text, given.messages)),
            said=tuple(map(mask.text, given.said)),
            previous=mask.clean(given.previous),
            complaints=tuple(map(mask.text, given.complaints)),
        )
        self._keep(mask)
        return shown

    def result(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return what a tool gave, as the endpoint may see it."""
        mask, self.private = self._mask(), is_private(self.context.run)
        if mask is None:
            return given
        shown: dict[str, Any] = mask.clean(given)
        self._keep(mask)
        return shown

    def text(self, given: str) -> str:
        """Return a sentence, such as a refusal, as the endpoint may see it."""
        mask = self._mask()
        if mask is None:
            return given
        shown = mask.text(given)
        self._keep(mask)
        return shown

    def restored(self, value: Any) -> Any:
        """Return what a model said with the values that its placeholders stand for: it stays in the house."""
        return restored(value, self.kept) if self.kept else value

    def _mask(self) -> Mask | None:
        run, room = self.context.run, self.context.room
        fits = fitting(self.context, self.to)
        return None if fits(label_of_run(run, room)) else mask_of(run, room, redaction_of(room), fits)

    def _keep(self, mask: Mask) -> None:
        new = {name: value for name, value in mask.found.items() if name not in self.kept}
        Withheld.objects.bulk_create(sealed_rows(self.context.run, new), ignore_conflicts=True)
        self.kept |= mask.found
        if mask.counts:
            payload = {"to": self.to.name, "kinds": dict(mask.counts), "fields": sorted(mask.fields),
                       "count": mask.counts.total(), "attempt": self.context.turn.attempt}  # fmt: skip
            _record(self.context, "prompt.redacted", f"turn:{self.context.turn.id}", payload)


def sealed_rows(run: Run, found: dict[str, Any]) -> list[Withheld]:
    """Return what is kept of placeholders ({placeholder: value}) of a run."""
    return [
        Withheld(
            organization_id=run.organization_id,
            run=run.root_id_or_own,
            placeholder=name,
            sealed=seal_secret(json.dumps(value)),
        )
        for name, value in found.items()
    ]


def gate_of(context: Context) -> Gate:
    """Judge what a turn is to be shown (goal, input, earlier results, talk) against the endpoint that would answer.

    A refusal is logged.
    """
    run, room, to = context.run, context.room, answering(context)
    fits, talk = fitting(context, to), label_of_talk(run)
    if talk != Label("public"):
        note_read(run, talk)
    whole = label_of_run(run, room)
    if not fits(whole) and not fits(redaction_of(room).lowered(rest_of_run(run, room))):
        return Gate(context, to, _refused(context, to, rulings(context, to, whole)))
    rows = Withheld.objects.filter(run=run.root_id_or_own).values_list("placeholder", "sealed")
    kept = {name: json.loads(open_secret(sealed)) for name, sealed in rows}
    return Gate(context, to, kept=kept, private=is_private(run))


def _refused(context: Context, to: Destination, said: dict[str, Ruling]) -> str:
    first = next(ruling for ruling in said.values() if ruling.outcome != "permit")
    factors = {name: {"outcome": ruling.outcome, "reason": ruling.reason, "boundary": ruling.boundary}
               for name, ruling in said.items()}  # fmt: skip
    place = f"{to.kind}:{to.name}"
    payload = {"tool": "model", "object": place, "outcome": "deny", "factors": factors}
    _record(context, "authority.denied", place, payload)
    return f"Nothing was sent to {to.name}. {first.reason}"


def _record(context: Context, kind: str, object: str, payload: dict[str, Any]) -> None:
    record(kind, actor=context.agent, on_behalf_of=context.person, ledger=context.room.id, object=object,
           run=context.run.root_id_or_own, turn=context.turn.id, payload=payload)  # fmt: skip
