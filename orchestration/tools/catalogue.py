"""Every tool there is."""

from orchestration.tools import documents, messages, outward, sources
from orchestration.tools.context import Tool

TOOLS: dict[str, Tool] = {
    tool.name: tool
    for tool in (
        documents.READ,
        documents.SEARCH,
        documents.WRITE,
        messages.SEARCH,
        sources.QUERY,
        outward.SEND,
    )
}
