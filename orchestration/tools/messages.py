"""The room's talk as agents search it."""

from django.contrib.postgres.search import SearchQuery, SearchVector

from accounts.authority.decide import Act
from accounts.labelling import labels_within
from orchestration.tools.context import Arguments, Context, Performed, Tool, described
from workrooms.models import Message
from workrooms.policies import as_uuid

HITS = 20


def _act(context: Context, arguments: Arguments) -> Act:
    return Act("messages.search", f"workroom:{context.room.id}", needs="view")


def _search(context: Context, arguments: Arguments) -> Performed:
    """Find messages; what has a label of its own is read only by a run that is started in its thread."""
    labelled = [as_uuid(identity) for identity in labels_within("message:")]
    query = SearchQuery(arguments["query"], config="english", search_type="websearch")
    found = (
        Message.objects.filter(workroom=context.room, kind=Message.Kind.MESSAGE)
        .exclude(state=Message.State.DELETED)
        .exclude(pk__in=labelled)
        .annotate(words=SearchVector("body", config="english"))
        .filter(words=query)
        .select_related("author")
        .order_by("-seq")[:HITS]
    )
    hits = [{"seq": message.seq, "author": message.author.name, "text": message.body[:2000]} for message in found]
    logged = {"query": arguments["query"], "messages": [hit["seq"] for hit in hits]}
    return Performed({"hits": hits}, logged, f"{len(hits)} messages for {arguments['query']!r}")


SEARCH = Tool(
    name="messages.search",
    event="message.searched",
    kind="read",
    description="Search what people and agents wrote in this room.",
    parameters=described({"query": {"type": "string", "minLength": 1, "maxLength": 400}}, "query"),
    act=_act,
    perform=_search,
)
