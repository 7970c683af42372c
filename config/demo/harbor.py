"""The demo: Harbor Mutual's claims room with its people, papers, sources and teams, and an organization next door.

Every step looks for what it would make, so that a demo cut short is finished by the next try, and a whole one is left
as it is. The runs are real: the engine carries them in this process.
"""

from uuid import UUID

from accounts.actions.organizations import add_member, create_organization
from accounts.models import Membership, Organization, User
from accounts.reach import organization_named
from accounts.tenancy import unit_of_work
from config.demo.claims_cases import hand_made
from config.demo.claims_columns import PERSONAL_COLUMNS
from config.demo.claims_data import generate, write_book
from config.demo.claims_papers import papers
from config.demo.people import OUTSIDER, PEOPLE, DemoPerson, demo_password
from orchestration.actions.means import set_source
from orchestration.actions.runs import start_run
from orchestration.actions.teams import publish_team, save_draft
from orchestration.carrying import carry
from orchestration.models import Run, Source, Team
from orchestration.sources.places import sources_folder
from orchestration.teams.gallery import gallery
from workrooms.actions.documents import add_document
from workrooms.actions.messages import post_message
from workrooms.actions.participants import add_participant
from workrooms.actions.rooms import create_workroom
from workrooms.models import Document, Message, Participant, Workroom

FINISHED, WAITING = "claim-CL-4467.md", "claim-CL-4466.pdf"
TEAMS = ("auto-claims", "librarian")
TALK = (
    (
        "owner@",
        "Welcome. Claims come in as documents; the claims team settles what it may and asks about the rest.",
    ),
    (
        "adjuster@",
        "This week's claims are under Documents. I start with the windscreen, **CL-4467**, then **CL-4466**.",
    ),
    ("supervisor@", "Good. Anything above $75,000 or with a fraud score of 60 comes to me."),
)
QUESTION = "@librarian What is a high payout, and who decides it?"


def seed() -> None:
    """Make whatever of the demo is missing."""
    people = {person.email: _person(person) for person in (*PEOPLE, OUTSIDER)}
    harbor = _organization(people[PEOPLE[0].email], "Harbor Mutual", "harbor")
    with unit_of_work(harbor):
        room = _harbor_room(harbor, people)
        _means(room, people)
        _papers(room, people["adjuster@harbor.example"])
        _talk(room, people)
    _runs(harbor.id, room, people["adjuster@harbor.example"])
    outsider = _organization(people[OUTSIDER.email], "Outsider Freight", "outsider")
    with unit_of_work(outsider):
        if not Workroom.objects.filter(slug="cargo").exists():
            create_workroom(outsider, actor=people[OUTSIDER.email], name="Cargo", slug="cargo")


def _person(person: DemoPerson) -> User:
    known = User.objects.filter(email=person.email).first()
    return known or User.objects.create_user(person.email, demo_password(), name=person.name)


def _organization(owner: User, name: str, slug: str) -> Organization:
    found = organization_named(slug, owner)
    if found is None:
        return create_organization(owner=owner, name=name, slug=slug)
    with unit_of_work(found):
        return Organization.objects.get(pk=found)


def _harbor_room(harbor: Organization, people: dict[str, User]) -> Workroom:
    owner = people[PEOPLE[0].email]
    room: Workroom | None = Workroom.objects.filter(slug="auto-claims").select_related("organization").first()
    if room is None:
        purpose = "Auto claims from the report to the payment"
        room = create_workroom(harbor, actor=owner, name="Auto claims", slug="auto-claims", purpose=purpose)
    for person in PEOPLE[1:]:
        user = people[person.email]
        if not Membership.objects.filter(user=user).exists():
            add_member(harbor, actor=owner, user=user)
        if not Participant.objects.filter(workroom=room, user=user).exists():
            add_participant(room, actor=owner, user=user, relation=person.relation)
    return room


def _means(room: Workroom, people: dict[str, User]) -> None:
    owner = people[PEOPLE[0].email]
    folder = sources_folder(room.organization)
    if Source.objects.count() < 2:
        write_book(generate().joined(hand_made()), folder)
        personal = {name: {"personal": True} for name in PERSONAL_COLUMNS}
        for slug, columns in (("policies", personal), ("claims", {})):
            set_source(actor=owner, slug=slug, location=str(folder / f"{slug}.csv"), columns=columns, rooms=[room])
    for slug, text in ((slug, gallery()[slug]) for slug in TEAMS):
        if not Team.objects.filter(workroom=room, slug=slug).exists():
            publish_team(save_draft(room, actor=owner, slug=slug, text=text), actor=owner, note="As it comes")


def _papers(room: Workroom, adjuster: User) -> None:
    for paper in papers():
        if not Document.objects.filter(workroom=room, name=paper.name).exists():
            add_document(room, actor=adjuster, name=paper.name, content=paper.content)


def _talk(room: Workroom, people: dict[str, User]) -> None:
    if Message.objects.filter(workroom=room).exists():
        return
    by_place = {email.partition("@")[0] + "@": user for email, user in people.items() if "harbor" in email}
    for place, body in TALK:
        post_message(room, actor=by_place[place], body=body)


def _runs(organization_id: UUID, room: Workroom, adjuster: User) -> None:
    """Start the claims team on two papers, and ask the librarian; go on when they have come to rest."""
    for name in (FINISHED, WAITING):
        with unit_of_work(organization_id):
            document = Document.objects.get(workroom=room, name=name)
            begun = Run.objects.filter(workroom=room, subject=name).first()
            team = Team.objects.select_related("published").get(workroom=room, slug="auto-claims")
            goal = "Settle this claim."
            run = begun or start_run(room, actor=adjuster, team=team, goal=goal, documents=[document])
        carry(organization_id, run.id)
    with unit_of_work(organization_id):
        if not Message.objects.filter(workroom=room, body=QUESTION).exists():
            post_message(room, actor=adjuster, body=QUESTION)
        asked = list(Run.objects.filter(workroom=room, version__team__slug="librarian").values_list("id", flat=True))
    for run_id in asked:
        carry(organization_id, run_id)
