"""Runs in which nobody can go on: named on their page, put right where that is safe, and put to people otherwise."""

from typing import Any

from accounts.tenancy import unit_of_work
from orchestration.actions.approvals import decide_approval
from orchestration.actions.runs import start_run
from orchestration.actions.unblocking import unblock
from orchestration.blocked.lines import Line, blocked_lines
from orchestration.models import Approval, Run, Turn
from orchestration.tasks import look_for_impasses
from tests.cast import Cast, signed_in
from tests.orchestration.rehearsals import answer, asked, carried, published, rehearse, says, team_of
from workrooms.actions.participants import change_relation, remove_participant

ADA = {"ada": says({"n": 1})}
TALK = {"team": {"name": "talk", "pattern": "group_chat", "members": [{"agent": "ada"}]}}


def asking(relation: str, not_requester: bool = False) -> dict[str, Any]:
    """A team whose every answer people have to accept."""
    ask = {"relation": relation, "not_requester": not_requester, "because": "Always."}
    return team_of("sequential", ADA, exceptions=[{"name": "always", "when": "true", "ask": ask}])


def begun_by(cast: Cast, who: str, definition: dict[str, Any]) -> Run:
    team = published(cast, definition)
    with unit_of_work(cast.harbor):
        run = start_run(cast.room, actor=getattr(cast, who), team=team, goal="Find out.")
    return carried(cast, run)


def look(cast: Cast, run: Run) -> list[str]:
    return unblock(cast.harbor.id, [run.pk])


def again(cast: Cast, run: Run) -> Run:
    with unit_of_work(cast.harbor):
        found: Run = Run.objects.select_related("version", "workroom").get(pk=run.pk)
        return found


def lines(cast: Cast, run: Run) -> list[Line]:
    with unit_of_work(cast.harbor):
        return blocked_lines(run)


def page(cast: Cast, run: Run) -> str:
    return signed_in(cast.bob).get(f"{cast.path}runs/{run.number}/").content.decode()


def test_an_open_turn_names_who_can_help(cast: Cast) -> None:
    run = begun_by(cast, "bob", asking("approver"))
    [line] = lines(cast, run)
    assert (line.who, line.waits_for, line.problem, line.question) == ("ada", "Pat", "", str(asked(cast).id))
    html = page(cast, run)
    assert "Blocked by" in html and f'<a href="/approvals/{asked(cast).id}/">Pat</a>' in html
    assert look(cast, run) == []
    assert "Blocked by" not in page(cast, answer(cast))


def test_nobody_but_who_asked_may_decide_so_the_owners_are_asked_at_once(cast: Cast) -> None:
    run = begun_by(cast, "pat", asking("approver", not_requester=True))
    title = asked(cast).title
    seen = f"Nobody here may decide “{title}”: it is for a supervisor other than who asked."
    assert [line.problem for line in lines(cast, run)] == [seen]
    assert "Cannot go on" in page(cast, run) and "Nobody here may decide" in page(cast, run)
    assert look(cast, run) == [seen]
    assert (asked(cast).escalated_at is not None, again(cast, run).reason) == (True, "")
    assert [line.waits_for for line in lines(cast, run)] == ["Alice"] and look(cast, run) == []


def test_where_owners_cannot_help_the_run_says_so_until_somebody_can(cast: Cast) -> None:
    run = begun_by(cast, "alice", asking("owner", not_requester=True))
    look_for_impasses()
    seen = f"Nobody here may decide “{asked(cast).title}”: it is for an owner other than who asked."
    assert again(cast, run).reason == seen
    with unit_of_work(cast.harbor):
        change_relation(cast.room, actor=cast.alice, user=cast.pat, relation="owner")
    look_for_impasses()
    assert (again(cast, run).reason, [line.waits_for for line in lines(cast, run)]) == ("", ["Pat"])


def test_who_was_asked_has_left_the_room(cast: Cast) -> None:
    run = begun_by(cast, "bob", asking("approver"))
    with unit_of_work(cast.harbor):
        remove_participant(cast.room, actor=cast.alice, user=cast.pat)
    assert look(cast, run) == [f"Nobody here may decide “{asked(cast).title}”: it is for a supervisor."]
    assert [line.waits_for for line in lines(cast, run)] == ["Alice"]


def test_two_have_to_agree_and_only_one_is_left(cast: Cast) -> None:
    definition = asking("approver")
    definition["exceptions"][0]["ask"]["quorum"] = 2
    run = begun_by(cast, "bob", definition)
    assert look(cast, run) == [f"Nobody here may decide “{asked(cast).title}”: it is for 2 people."]
    assert [line.waits_for for line in lines(cast, run)] == ["Alice or Pat"]


def test_a_nested_run_whose_turn_is_over_is_stopped(cast: Cast) -> None:
    inner = says({"calls": [["messages.search", {"query": "x"}]] * 9}, tools=["messages.search"])
    run = rehearse(cast, team_of("sequential", {"ada": inner}, members=[TALK]))
    with unit_of_work(cast.harbor):
        Turn.objects.filter(run=run).update(state=Turn.State.SKIPPED)
    assert "The team talk goes on although its turn is over: nobody waits for it any more." in look(cast, run)
    carried(cast, run)
    with unit_of_work(cast.harbor):
        assert Run.objects.get(root=run.pk).state == "stopped"


def test_a_turn_that_waits_for_people_of_whom_nothing_is_asked_asks_them(cast: Cast) -> None:
    run = begun_by(cast, "bob", asking("approver"))
    with unit_of_work(cast.harbor):
        Approval.objects.update(state=Approval.State.SUPERSEDED)
    seen = "ada waits for people, but nothing is asked of them."
    assert (look(cast, run), look(cast, run)) == ([seen], [])
    assert (asked(cast).rules[0]["name"], asked(cast).rules[0]["reason"]) == ("stuck", seen)


def test_what_people_decided_is_taken_up_though_the_word_was_lost(cast: Cast) -> None:
    run = begun_by(cast, "bob", asking("approver"))
    approval = asked(cast)
    with unit_of_work(cast.harbor):
        decide_approval(approval, actor=cast.pat, decision="approve", digest=approval.digest)
    assert again(cast, run).heal_at is not None, "nothing would wake it"
    assert carried(cast, run).state == "finished"


def test_a_turn_that_nothing_would_wake_is_woken(cast: Cast) -> None:
    run = begun_by(cast, "bob", asking("approver"))
    with unit_of_work(cast.harbor):
        Approval.objects.update(state=Approval.State.SUPERSEDED)
        Turn.objects.update(state=Turn.State.READY)
    assert look(cast, run) == ["ada could go on, but nothing wakes its run."]
    assert again(cast, run).heal_at is not None and look(cast, run) == []


def test_teams_that_lead_back_to_themselves_are_stopped(cast: Cast) -> None:
    published(cast, asking("approver"), slug="inner")
    run = rehearse(cast, team_of("sequential", ADA, members=[{"agent": "ada"}, {"team": "inner"}]))
    with unit_of_work(cast.harbor):
        Run.objects.filter(root=run.pk).update(version=run.version_id)
        slug = Run.objects.get(pk=run.pk).version.team.slug
    seen = f"The teams lead in a circle: {slug} → {slug}."
    assert look(cast, run) == [seen]
    assert (carried(cast, run).state, again(cast, run).reason) == ("stopped", f"stuck: {seen}")
