"""Drafts of teams tried on finished runs, without effects: one trial, and what came of it for each run."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from accounts.models import TenantModel
from orchestration.models.run import Run
from orchestration.models.team import Team
from workrooms.models import Workroom


class Trial(TenantModel):
    """One draft of a team, as it was then, on the team's last finished runs. Whoever has it under way holds it until
    `heal_at`; null: nobody is to look after it.

    One that really asks models has a run of its own, which takes no turns: it keeps the budget, what was spent, and the
    answers, each in the turn that stands for an agent's turn in a try.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        FINISHED = "finished"
        STOPPED = "stopped"

    OPEN: ClassVar = (State.QUEUED, State.RUNNING)

    workroom = models.ForeignKey(Workroom, on_delete=models.CASCADE, related_name="trials")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="trials")
    requester = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField()
    definition = models.JSONField()
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    heal_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            models.Index(fields=["heal_at"], condition=models.Q(heal_at__isnull=False), name="trials_to_heal"),
        ]


class TriedRun(TenantModel):
    """What the draft made of one finished run. `outcome` is "" until it was tried; `reason` is a sentence, `fields` is
    what differs in the result: [[path, before, after], …]."""

    class Outcome(models.TextChoices):
        SAME = "same"
        DECISION = "decision", "Changed decision"
        AMOUNT = "amount", "Changed amount"
        ASKS = "asks", "Now asks a person"
        FAILS = "fails"

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="tried")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+")
    place = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    reason = models.TextField(blank=True)
    fields: Any = models.JSONField(default=list)
    milliseconds = models.PositiveIntegerField(default=0)
    turns = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["place"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["trial", "run"], name="one_try_per_run")]
