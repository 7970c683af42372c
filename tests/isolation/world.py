"""What the table is tried on: a room with something of everything in it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.actions.organizations import add_member
from accounts.actions.tokens import create_token
from accounts.models import Lending, User
from accounts.tenancy import unit_of_work
from orchestration.actions.means import set_endpoint
from orchestration.engine import work
from orchestration.limits.quarantine import quarantine_agent
from orchestration.models import Approval, Run
from orchestration.sources.places import sources_folder
from tests.cast import Cast, person, signed_in
from tests.orchestration.claims_room import begin, furnish, paper, published
from workrooms.actions.documents import add_document, add_revision
from workrooms.actions.messages import post_message
from workrooms.actions.participants import add_participant, remove_participant
from workrooms.actions.rules import set_rules
from workrooms.models import Document, Message, Workroom

WAITING_CASE = 1


@dataclass(slots=True)
class World:
    """The cast, everybody's browser, and things to ask for. `rae` was an editor of the room and was taken out."""

    cast: Cast
    rae: User
    browsers: dict[str, Client] = field(default_factory=dict)
    run: Run | None = None

    def browser(self, name: str) -> Client:
        """The browser of somebody, by name."""
        if name not in self.browsers:
            self.browsers[name] = signed_in(self.rae if name == "rae" else getattr(self.cast, name))
        return self.browsers[name]

    def made(self, make: Callable[[], Any]) -> Any:
        """What `make` makes in a unit of work of Harbor."""
        with unit_of_work(self.cast.harbor):
            return make()

    def message(self) -> Message:
        """A new message of Alice's."""
        found: Message = self.made(lambda: post_message(self.cast.room, actor=self.cast.alice, body="a secret word"))
        return found

    def document(self) -> Document:
        """A new document with two revisions."""

        def make() -> Document:
            count = Document.objects.count()
            row = add_document(
                self.cast.room, actor=self.cast.alice, name=f"paper-{count}.md", content=b"a secret word"
            )
            add_revision(row, actor=self.cast.alice, content=b"another word", expected=1)
            return row

        found: Document = self.made(make)
        return found

    def member(self) -> User:
        """A new member of the organization, in no room."""
        user = person(f"guest{User.objects.count()}")
        self.made(lambda: add_member(self.cast.harbor, actor=self.cast.alice, user=user))
        return user

    def newcomer(self) -> User:
        """A new member who is in the room."""
        user, cast = self.member(), self.cast
        self.made(lambda: add_participant(cast.room, actor=cast.alice, user=user, relation="viewer"))
        return user

    def token(self) -> UUID:
        """A new token of Alice's."""
        made = self.made(lambda: create_token(self.cast.harbor, actor=self.cast.alice, name="program"))
        return UUID(str(made[0].id))

    def ruled(self, path: str, room: Workroom | None = None) -> str:
        """`path`, after GDPR's rules were put in force in the room or everywhere."""
        self.made(lambda: set_rules("gdpr", actor=self.cast.alice, room=room))
        return path

    def lending(self) -> UUID:
        """A target that is lent in the room."""
        cast = self.cast
        values = {"organization": cast.harbor, "room": cast.room.id, "tool": "documents.write", "slot": "name"}
        made = self.made(
            lambda: Lending.objects.create(**values, value="n", run=UUID(int=1), approval=UUID(int=2), lent_by=cast.pat)
        )
        return UUID(str(made.id))

    def held(self, path: str) -> str:
        """`path`, after the coverage agent was put into quarantine."""
        cast = self.cast
        self.made(lambda: quarantine_agent(cast.room, "coverage", actor=cast.alice, reason="Odd."))
        return path

    def source(self) -> dict[str, Any]:
        """A file of the organization's as the API takes it."""
        folder = sources_folder(self.cast.harbor)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "small.csv").write_text("name,amount\nDana,12\n")
        return {"location": "small.csv", "rooms": ["auto-claims"]}

    def waiting(self) -> tuple[Run, Approval]:
        """A run that waits, and the approval it waits for."""

        def find() -> tuple[Run, Approval]:
            approval = Approval.objects.select_related("run").filter(state="open").first()
            assert approval is not None, "the claims team asks nobody about this case"
            return approval.run, approval

        found: tuple[Run, Approval] = self.made(find)
        return found


def make_world(cast: Cast, folder: Path) -> World:
    """Make all of it."""
    rae = person("rae")
    with unit_of_work(cast.harbor):
        add_member(cast.harbor, actor=cast.alice, user=rae)
        add_participant(cast.room, actor=cast.alice, user=rae, relation="editor")
        remove_participant(cast.room, actor=cast.alice, user=rae)
    team = furnish(cast, folder)
    with unit_of_work(cast.harbor):
        published(cast, "librarian")
        set_endpoint(actor=cast.alice, slug="harbors", url="https://9.9.9.9/v1", model="m", key=None, price="")
        run = begin(cast, team, paper(cast, WAITING_CASE), actor=cast.bob)
    work(cast.harbor.id, run.id)
    return World(cast, rae, run=run)


def upload(name: str = "note.md") -> SimpleUploadedFile:
    """A file to send."""
    return SimpleUploadedFile(name, b"some words")
