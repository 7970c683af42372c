"""Turns, their model responses and their tool calls."""

from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from accounts.models import BusyTenantModel, TenantModel, shared
from orchestration.models.run import Run


class Turn(BusyTenantModel):
    """One member's go. `attempt` fences: a result of an older attempt is refused. `member` is the step in the plan.

    A turn that was set aside, because people had an earlier one taken again, answers no step any more: its `member` is
    marked. One that a run took over from another run names it in `replayed_from`.
    """

    class State(models.TextChoices):
        READY = "ready"
        CLAIMED = "claimed"
        WAITING = "waiting"
        FINISHED = "finished"
        SKIPPED = "skipped"
        FAILED = "failed"
        STOPPED = "stopped"
        SUPERSEDED = "superseded"

    OPEN: ClassVar = (State.READY, State.CLAIMED, State.WAITING)

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="turns", db_index=False)
    number = models.PositiveIntegerField()
    member = models.CharField(max_length=60)
    agent = models.CharField(max_length=60, blank=True)
    user = shared(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    brain = models.CharField(max_length=120, blank=True)
    purpose = models.CharField(max_length=20, default="work")
    state = models.CharField(max_length=10, choices=State, default=State.READY)
    attempt = models.PositiveIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)
    repairs = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    input = models.JSONField(default=dict)
    output = models.JSONField(null=True)
    findings = models.JSONField(default=list)
    saw = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    tokens = models.PositiveBigIntegerField(default=0)
    microcents = models.PositiveBigIntegerField(default=0)
    unpriced_tokens = models.PositiveBigIntegerField(default=0, db_default=0)
    tokens_reserved = models.PositiveBigIntegerField(default=0)
    microcents_reserved = models.PositiveBigIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    last_activity_at = models.DateTimeField(null=True)
    replayed_from = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, related_name="replays", db_index=False
    )
    finished_at = models.DateTimeField(null=True)

    @cached_property
    def shown(self) -> dict[Any, Any]:
        """The replies that its pattern was shown of it, by when they came and which they were."""
        return {}

    @cached_property
    def used(self) -> list["ToolCall"]:
        """Its tool calls in order, as when first asked for."""
        return list(self.calls.all())

    @property
    def aside(self) -> str:
        """The step under which this turn stands when it is set aside: one that no member ever takes."""
        return f"~{self.number}:{self.member}"[:60]

    @property
    def step(self) -> str:
        """The step in the plan that it takes, or took before it was set aside."""
        return self.member.partition(":")[2] if self.member.startswith("~") else self.member

    @property
    def at_work(self) -> bool:
        """True while an agent has this turn, or can take it; not while its output is verified, nor for a nested run."""
        claimed = self.state == self.State.CLAIMED and self.lease_until is not None
        return self.user_id is not None and (claimed or self.state == self.State.READY)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "number"], name="one_turn_per_number")]
        indexes: ClassVar = [
            models.Index(fields=["replayed_from"], condition=models.Q(replayed_from__isnull=False), name="replays"),
        ]


class ModelResponse(TenantModel):
    """One answer of a model, journalled before its tools run; replayed, never asked for again."""

    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="responses")
    number = models.PositiveIntegerField()
    message = models.JSONField()
    tokens = models.PositiveBigIntegerField(default=0)
    microcents = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["turn", "number"], name="one_response_per_number")]


class ToolCall(TenantModel):
    """One use of a tool; (turn, response, position) is its key and survives attempts."""

    class State(models.TextChoices):
        PROPOSED = "proposed"
        WAITING = "waiting"
        EXECUTING = "executing"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        DENIED = "denied"
        AMBIGUOUS = "ambiguous"

    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="calls")
    response = models.PositiveIntegerField()
    position = models.PositiveIntegerField()
    tool = models.CharField(max_length=80)
    arguments = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    decision = models.UUIDField(null=True)
    saw = models.CharField(max_length=300, blank=True)
    milliseconds = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["response", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["turn", "response", "position"], name="one_call_per_key")
        ]
