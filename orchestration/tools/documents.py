"""Documents as agents read, search and write them."""

from uuid import UUID

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank, SearchVector
from django.db.models import F

from accounts.authority.decide import Act
from orchestration.brains.assignment import ToolFailed
from orchestration.tools.context import Arguments, Context, Performed, Tool, described
from orchestration.tools.given import overwriting
from workrooms.actions.documents import write_document
from workrooms.models import Document, Revision

LONGEST_TEXT = 100_000
HITS = 8


def _named(context: Context, wanted: str) -> tuple[str, str]:
    """Return the ledger name and id of the document called `wanted` (id or name), whether or not it may be read."""
    for reference in context.run.documents:
        if wanted in (reference["id"], reference["name"]):
            return f"document:{reference['id']}", reference["id"]
    found = Document.objects.filter(workroom=context.room, name=wanted).values_list("id", flat=True).first()
    return f"document:{found or wanted}", str(found or wanted)


def _act_read(context: Context, arguments: Arguments) -> Act:
    return Act("documents.read", _named(context, arguments["document"])[0], needs="view")


def _read(context: Context, arguments: Arguments) -> Performed:
    _, wanted = _named(context, arguments["document"])
    pinned = next((item["revision"] for item in context.run.documents if item["id"] == wanted), None)
    document = Document.objects.filter(workroom=context.room, pk=_uuid(wanted)).first()
    if document is None:
        raise ToolFailed(f"There is no document {arguments['document']!r} in this task.")
    revision = Revision.objects.get(document=document, number=pinned or document.revision)
    text = revision.text[:LONGEST_TEXT]
    result = {
        "document": str(document.id),
        "name": document.name,
        "revision": revision.number,
        "media_type": document.media_type,
        "text": text,
    }
    logged = {
        "document": str(document.id),
        "name": document.name,
        "revision": revision.number,
        "sha256": revision.sha256,
    }
    return Performed(result, logged, f"{document.name} v{revision.number}")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _act_search(context: Context, arguments: Arguments) -> Act:
    return Act("documents.search", f"workroom:{context.room.id}", needs="view")


def _search(context: Context, arguments: Arguments) -> Performed:
    query = SearchQuery(arguments["query"], config="english", search_type="websearch")
    vector = SearchVector("text", config="english")
    found = Revision.objects.filter(document__workroom=context.room, number=F("document__revision"))
    if "document:*" not in context.run.scope:
        found = found.filter(document_id__in=[item["id"] for item in context.run.documents])
    ranked = (
        found.annotate(words=vector, rank=SearchRank(vector, query))
        .filter(words=query)
        .annotate(snippet=SearchHeadline("text", query, config="english", start_sel="", stop_sel="", max_words=40))
        .select_related("document")
        .order_by("-rank", "document__name")[:HITS]
    )
    hits = [
        {
            "document": str(revision.document_id),
            "name": revision.document.name,
            "revision": revision.number,
            "snippet": revision.snippet,
        }
        for revision in ranked
    ]
    logged = {"query": arguments["query"], "documents": [hit["document"] for hit in hits]}
    return Performed({"hits": hits}, logged, f"search for {arguments['query']!r}: {len(hits)} documents")


def _act_write(context: Context, arguments: Arguments) -> Act:
    uses = overwriting(context.room, arguments["name"])
    return Act("documents.write", f"workroom:{context.room.id}", needs="edit_document", uses=uses)


def _write(context: Context, arguments: Arguments) -> Performed:
    revision = write_document(
        context.room,
        actor=context.agent,
        on_behalf_of=context.person,
        name=arguments["name"],
        text=arguments["text"],
        run=context.run.root_id_or_own,
    )
    result = {"document": str(revision.document_id), "revision": revision.number}
    return Performed(result, {**result, "sha256": revision.sha256})


_NAME = {"type": "string", "minLength": 1, "maxLength": 200}

READ = Tool(
    name="documents.read",
    event="document.read",
    kind="read",
    description="Read the text of one document of the task, by id or name.",
    parameters=described({"document": _NAME}, "document"),
    act=_act_read,
    perform=_read,
)
SEARCH = Tool(
    name="documents.search",
    event="document.searched",
    kind="read",
    description="Search the documents of the task for words; returns names and snippets.",
    parameters=described({"query": {"type": "string", "minLength": 1, "maxLength": 400}}, "query"),
    act=_act_search,
    perform=_search,
)
WRITE = Tool(
    name="documents.write",
    event="document.written",
    kind="write",
    description="Write a markdown document into the room; an existing one of that name gets a new revision.",
    parameters=described({"name": _NAME, "text": {"type": "string", "minLength": 1}}, "name", "text"),
    act=_act_write,
    perform=_write,
    pretended={"document": "00000000-0000-0000-0000-000000000000", "revision": 1},
)
