"""A room in which the claims team can work: sources, team, documents."""

from pathlib import Path

from accounts.models import User
from accounts.tenancy import unit_of_work
from config.demo.claims_cases import CASES, hand_made
from config.demo.claims_data import generate, write_book
from config.demo.claims_papers import paper_of
from orchestration.actions.means import set_source
from orchestration.actions.runs import start_run
from orchestration.actions.teams import publish_team, save_draft
from orchestration.models import Run, Team
from orchestration.teams import gallery
from tests.cast import Cast
from workrooms.actions.documents import add_document
from workrooms.models import Document

GALLERY = Path(gallery.__file__).parent
PERSONAL = ("insured_sex", "insured_zip", "insured_occupation", "insured_hobbies", "insured_relationship", "age",
            "insured_education_level")  # fmt: skip


def furnish(cast: Cast, folder: Path, rows: int = 40) -> Team:
    """Set the policies and claims as sources of the cast's room and publish the claims team."""
    write_book(generate(rows).joined(hand_made()), folder)
    with unit_of_work(cast.harbor):
        personal = {name: {"personal": True} for name in PERSONAL}
        policies, claims = str(folder / "policies.csv"), str(folder / "claims.csv")
        set_source(actor=cast.alice, slug="policies", location=policies, columns=personal, rooms=[cast.room])
        set_source(actor=cast.alice, slug="claims", location=claims, rooms=[cast.room])
        return published(cast, "auto-claims")


def published(cast: Cast, slug: str, text: str | None = None) -> Team:
    """Publish a team of the gallery (or `text`) in the cast's room. Call it inside a unit of work."""
    team = save_draft(cast.room, actor=cast.alice, slug=slug, text=text or (GALLERY / f"{slug}.yaml").read_text())
    publish_team(team, actor=cast.alice)
    return team


def paper(cast: Cast, index: int, format: str = "md") -> Document:
    """Put the document of hand-made case `index` into the room. Call it inside a unit of work."""
    made = paper_of(CASES[index], format)
    return add_document(cast.room, actor=cast.bob, name=made.name, content=made.content)


def begin(cast: Cast, team: Team, document: Document, actor: User | None = None) -> Run:
    """Start the team on one document. Call it inside a unit of work."""
    return start_run(cast.room, actor=actor or cast.bob, team=team, goal="Settle this claim.", documents=[document])
