"""Files dropped to start runs: kept as documents of the room, then one run a file, or one a row of a CSV."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.errors import Invalid
from accounts.models import User
from orchestration.actions.batches import start_batch
from orchestration.actions.runs import start_run
from orchestration.incoming.csv_rows import Row, read_rows
from orchestration.models import Run, Team
from workrooms.actions.documents import add_document, revision_of
from workrooms.models import Document, Workroom
from workrooms.policies import access_document, is_cleared
from workrooms.uploads import CSV, checked_name


@dataclass(frozen=True, slots=True)
class Dropped:
    """Documents that are to become runs: `tables` hold rows, `papers` are claims themselves."""

    papers: list[Document]
    tables: list[tuple[Document, list[Row]]]

    @property
    def count(self) -> int:
        """How many runs it makes."""
        return len(self.papers) + sum(len(rows) for _, rows in self.tables)

    @property
    def documents(self) -> list[Document]:
        return [*self.papers, *(document for document, _ in self.tables)]

    @property
    def names(self) -> list[str]:
        return [document.name for document in self.documents]

    @property
    def columns(self) -> list[str]:
        """The columns of the first table."""
        return list(self.tables[0][1][0]) if self.tables else []


def keep_files(room: Workroom, *, actor: User, files: Sequence[tuple[str, bytes]]) -> Dropped:
    """Add the files `(name, content)` as documents; one that is there already, byte for byte, is taken as it is.

    Raises Invalid for a file that cannot be read, Conflict when another document has its name.
    """
    return _sorted([_kept(room, actor, name, content) for name, content in files])


def _kept(room: Workroom, actor: User, name: str, content: bytes) -> Document:
    known: Document | None = Document.objects.filter(workroom=room, name=checked_name(name)).first()
    seen = known if known is not None and is_cleared(actor, room, f"document:{known.id}") else None
    if seen is not None and revision_of(seen).sha256 == hashlib.sha256(content).hexdigest():
        return seen
    return add_document(room, actor=actor, name=name, content=content)


def dropped_again(room: Workroom, actor: User, documents: Sequence[str]) -> Dropped:
    """Return what was kept before, by ids; raises NotFound when one is gone."""
    return _sorted([access_document(actor, one, room=room) for one in documents])


def _sorted(documents: list[Document]) -> Dropped:
    tables = [document for document in documents if document.media_type == CSV]
    if tables and len(documents) > 1:
        raise Invalid("Drop claim files, or one CSV, not both.", [("files", "expected one CSV alone")])
    return Dropped([one for one in documents if one not in tables], [(table, _rows(table)) for table in tables])


def _rows(table: Document) -> list[Row]:
    with revision_of(table).file.open("rb") as file:
        return read_rows(table.name, file.read())


def start_dropped(room: Workroom, *, actor: User, team: Team, dropped: Dropped) -> Run | None:
    """Start the runs; returns the run when it is one. A row that was started before is not started again."""
    for document, rows in dropped.tables:
        start_batch(room, actor=actor, team=team, name=document.name, rows=rows)
    runs = [
        start_run(room, actor=actor, team=team, goal=f"Settle {document.name}", documents=[document])
        for document in dropped.papers
    ]
    return runs[0] if len(runs) == 1 else None
