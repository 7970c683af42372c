"""Runs: one goal under one team; a nested team is a child run."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.apps import apps
from django.conf import settings
from django.db import models

from accounts.models import BusyTenantModel, TenantModel, scoped, shared
from orchestration.models.limits import within
from orchestration.models.team import TeamVersion
from workrooms.models import Message, Workroom

if TYPE_CHECKING:
    from orchestration.models.turn import Turn


class Batch(TenantModel):
    """Runs started together from a file, one a row."""

    workroom = models.ForeignKey(Workroom, on_delete=models.CASCADE, related_name="batches")
    requester = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    headline = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="+")


class RunQuerySet(models.QuerySet["Run"]):
    """Reads of runs."""

    def of_room(self, room: Workroom) -> "RunQuerySet":
        """The room's own runs (no children), newest first."""
        related = ("requester", "version__team", "budget")
        return self.filter(workroom=room, parent=None).select_related(*related).order_by("-number")


class Run(BusyTenantModel):
    """One goal under one team version. A child run stands for a member: `under` is the member's key if its team is
    another team of the room, `path` is the key if it is written within the same definition.

    Turns are told in `thread`; `headline` is the entry that shows the state. The task was given `documents`
    (`[{"id", "name", "revision"}]`); `scope` lists the ledger names of all it may touch ("document:*": any of the
    room).

    A run that was begun from a turn of another names it in `forked_from`, and in `forked` what it took over and what
    was changed: `{"turn", "number", "agent", "again", "changes"}`. A run that `pretends` (rehearsal, trial) writes and
    sends nothing. `redone_seconds` went into turns that were set aside; the limit of time does not count them.
    `through` is the service that asked for it in the requester's name: what it wrote as goal is no word of the person.
    `findings` counts what was found in an ended root run by failure mode, null until it was examined.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        WAITING = "waiting"
        PAUSED = "paused"
        STOPPING = "stopping"
        FINISHED = "finished"
        FAILED = "failed"
        STOPPED = "stopped"

    class Pretence(models.TextChoices):
        REHEARSAL = "rehearsal"
        TRIAL = "trial"

    ENDED: ClassVar = (State.FINISHED, State.FAILED, State.STOPPED)

    workroom = shared(Workroom, models.CASCADE, related_name="runs")
    version = models.ForeignKey(TeamVersion, on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey("Turn", on_delete=models.CASCADE, null=True, related_name="children", db_index=False)
    root = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="descendants", db_index=False)
    under = models.CharField(max_length=60, blank=True)
    path = models.CharField(max_length=60, blank=True)
    number = models.PositiveIntegerField(default=0)
    requester = shared(settings.AUTH_USER_MODEL, models.PROTECT)
    through = shared(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    goal = models.TextField()
    subject = models.CharField(max_length=200, blank=True)
    input = models.JSONField(default=dict)
    documents = models.JSONField(default=list)
    scope = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    reason = models.CharField(max_length=500, blank=True)
    result = models.JSONField(null=True)
    thread = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="+")
    headline = shared(Message, models.SET_NULL, null=True)
    batch = models.ForeignKey(Batch, on_delete=models.SET_NULL, null=True, related_name="runs", db_index=False)
    row_key = models.CharField(max_length=64, null=True)
    forked_from = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="forks", db_index=False)
    forked = models.JSONField(null=True)
    pretends = models.CharField(max_length=10, choices=Pretence, blank=True, default="", db_default="")
    heal_at = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(null=True)
    resumed_at = models.DateTimeField(null=True)
    waited_seconds = models.PositiveIntegerField(default=0)
    redone_seconds = models.PositiveIntegerField(default=0, db_default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    findings = models.JSONField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: Any = scoped(RunQuerySet)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workroom", "-number"]),
            models.Index(fields=["heal_at"], condition=models.Q(heal_at__isnull=False), name="runs_to_heal"),
            *(
                models.Index(fields=[name], condition=models.Q((f"{name}__isnull", False)), name=f"runs_with_{name}")
                for name in ("parent", "root", "forked_from")
            ),
            models.Index(
                fields=["finished_at"],
                condition=models.Q(findings=None, parent=None, finished_at__isnull=False),
                name="runs_to_examine",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "row_key"], name="one_run_per_row"),
            models.UniqueConstraint(
                fields=["workroom", "number"], condition=models.Q(parent=None), name="one_run_per_number"
            ),
        ]

    @property
    def ended(self) -> bool:
        return self.state in self.ENDED

    heard_before: tuple[str, ...] | None = None
    heard_since: tuple[str, ...] | None = None

    @cached_property
    def steps(self) -> list["Turn"]:
        """Its turns in order, as when first asked for; whoever holds the run keeps them up to date."""
        return list(self.turns.select_related("user").order_by("number"))

    @cached_property
    def elsewhere(self) -> list["Turn"]:
        """The turns of the runs it is nested in, and of those nested in it, as when first asked for."""
        if self.parent_id is None and all(turn.user_id is not None for turn in self.steps):
            return []
        root = self.root_id_or_own
        of_tree = models.Q(run=root) | models.Q(run__root=root)
        turns: Any = apps.get_model("orchestration", "Turn")
        return list(turns.objects.filter(of_tree).exclude(run=self.id).order_by("number"))

    @cached_property
    def asked(self) -> bool:
        """Whether people were asked anything in it or in what it is nested with, as when first asked for."""
        root = self.root_id_or_own
        approvals: Any = apps.get_model("orchestration", "Approval")
        return bool(approvals.objects.filter(models.Q(run=root) | models.Q(run__root=root)).exists())

    @property
    def root_id_or_own(self) -> Any:
        return self.root_id or self.id

    @property
    def root_or_own(self) -> "Run":
        """The run that a person started: its budget, its headline and its stop hold for all that is nested in it."""
        return self.root or self


class Budget(BusyTenantModel):
    """What a whole run (children included) may spend, has reserved and has spent.

    Money in micro-cents (inference.prices); `unpriced_tokens` are the spent tokens whose price nobody stated, excused
    is what a server reported beyond the worst case that was reserved.
    """

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="budget")
    turns_cap = models.PositiveIntegerField()
    tokens_cap = models.PositiveBigIntegerField()
    microcents_cap = models.PositiveBigIntegerField()
    seconds_cap = models.PositiveIntegerField()
    turns = models.PositiveIntegerField(default=0)
    tokens = models.PositiveBigIntegerField(default=0)
    microcents = models.PositiveBigIntegerField(default=0)
    unpriced_tokens = models.PositiveBigIntegerField(default=0)
    tokens_reserved = models.PositiveBigIntegerField(default=0)
    microcents_reserved = models.PositiveBigIntegerField(default=0)
    tokens_excused = models.PositiveBigIntegerField(default=0, db_default=0)
    microcents_excused = models.PositiveBigIntegerField(default=0, db_default=0)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            within("budget", "tokens"),
            within("budget", "microcents"),
            models.CheckConstraint(
                condition=models.Q(turns__lte=models.F("turns_cap")), name="budget_turns_within_cap"
            ),
        ]
