"""What a run says in its thread: to everybody, or as much as everybody may see and the rest to those who are cleared.

The entry itself never holds more than everybody in the room may see, so that no frame, search, export or later reader
can find more in it. The whole answer is kept apart.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from accounts.authority.labels import Label
from accounts.labelling import join_label
from accounts.ledger.record import record
from accounts.models import Withheld
from orchestration.boundaries.audience import everyone_may_see
from orchestration.boundaries.gate import sealed_rows
from orchestration.boundaries.held import own_label, rest_of_run
from orchestration.boundaries.mask import mask_of, redaction_of
from orchestration.boundaries.reading import OUTSIDE
from orchestration.models import Run
from workrooms.models import Message, PrivateAnswer
from workrooms.rendering import render_message


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` and `html` are for everybody; `whole` is (body, html) for those who are cleared for `label`, if more."""

    body: str
    html: str
    label: Label | None = None
    whole: tuple[str, str] | None = None

    @property
    def about(self) -> dict[str, Any]:
        """Return what the entry says of itself."""
        if self.label is None:
            return {}
        return {"private": True} if self.whole else {"label": self.label.as_json()}


def answer_of(run: Run, text: str, used: str) -> Answer:
    """Return how `text`, with HTML about the tools that were `used`, is told in the thread of the run."""
    room, whole = run.workroom, (text, render_message(text, {}) + used)
    label, base = own_label(run, room)
    label = replace(label, tags=label.tags - {OUTSIDE})  # who wrote what was read is no secret
    if label == base:
        return Answer(*whole)
    if everyone_may_see(room, label):
        return Answer(*whole, label)
    said = _for_everybody(run, text, label)
    return Answer(said, render_message(said, {}), label, whole)


def keep_answer(run: Run, entry: Message, answer: Answer) -> None:
    """Label the entry of an answer, or keep apart what only some may see of it."""
    if answer.label is None:
        return
    if answer.whole is None:
        join_label(f"message:{entry.id}", answer.label)
        return
    body, html = answer.whole
    PrivateAnswer.objects.create(
        organization_id=run.organization_id,
        message=entry,
        reader=run.requester,
        label=answer.label.as_json(),
        body=body,
        html=html,
    )
    payload = {"label": answer.label.as_json(), "reader": run.requester.ledger_name}
    record("answer.withheld", actor=entry.author, on_behalf_of=run.requester, ledger=run.workroom_id,
           object=f"message:{entry.id}", run=run.root_id_or_own, payload=payload)  # fmt: skip


def _for_everybody(run: Run, text: str, label: Label) -> str:
    """Return the text without what not everybody may see, or, where that cannot be taken out, a word about it."""
    room, fits = run.workroom, partial(everyone_may_see, run.workroom)
    redaction = redaction_of(room)
    if not fits(redaction.lowered(rest_of_run(run, room))):
        return f"This answer is {label.level}, and not everybody here may see it. It waits for {run.requester.name}."
    mask = mask_of(run, room, redaction, fits)
    said = mask.text(text)
    Withheld.objects.bulk_create(sealed_rows(run, mask.found), ignore_conflicts=True)
    return said
