"""The labels of what people said in the thread of a run, which its agents are shown."""

from functools import reduce

from django.db.models import Q

from accounts.authority.labels import Label
from accounts.labelling import labels_of
from orchestration.models import Run
from workrooms.models import Message


def label_of_talk(run: Run) -> Label:
    """Return the join of the labels that messages of the run's thread have; of none it is public."""
    thread = run.root_or_own.thread_id
    if thread is None:
        return Label("public")
    said = Message.objects.filter(Q(pk=thread) | Q(thread_id=thread), kind=Message.Kind.MESSAGE)
    names = [f"message:{pk}" for pk in said.filter(author__kind="person").values_list("pk", flat=True)]
    return reduce(Label.join, labels_of(names).values(), Label("public"))
