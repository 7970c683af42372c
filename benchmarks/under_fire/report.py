"""The table: what was killed, what was done meanwhile, and of each thing that must hold how often it did not."""

from collections import Counter
from uuid import UUID

from django.conf import settings

from benchmarks.under_fire import holds
from benchmarks.under_fire.errands import ERRANDS
from benchmarks.under_fire.evidence import Evidence, gather
from benchmarks.under_fire.installation import Installation
from benchmarks.under_fire.killer import Killer
from benchmarks.under_fire.ledgers import verified
from benchmarks.under_fire.people import Desk

WIDTH = 52
MOST_SHOWN = 8


def report(
    installation: Installation, desk: Desk, killer: Killer, organization: UUID, took: tuple[float, float]
) -> int:
    """Print everything and return 1 if something that must hold does not."""
    evidence = gather(organization, desk.record)
    kills = ", ".join(f"{kind} {count}" for kind, count in killer.killed.most_common())
    _line("kills", killer.count, f"{kills}; {killer.at_work} turns were at work then")
    _line("seconds under fire, and until all had settled", round(took[0]), f"{took[1]:.0f}")
    _done(evidence, desk)
    wrong = _wrong(installation, desk, evidence)
    for name, found in wrong.items():
        _line(name, len(found))
    strays = list(holds.stray_files(evidence, settings.MEDIA_ROOT))
    _line("files left behind by killed processes", len(strays))
    shown = [f"{name}: {one}" for name, found in wrong.items() for one in found[:MOST_SHOWN]]
    print("\n".join(["", *shown]) if shown else "\neverything that must hold holds")
    return int(any(wrong.values()))


def _done(evidence: Evidence, desk: Desk) -> None:
    patterns = Counter(ERRANDS[run.version.team.slug].pattern for run in evidence.roots.values())
    states = Counter(run.state for run in evidence.roots.values())
    agents = [turn for turn in evidence.turns if turn.user_id]
    reopened = Counter(row.turn_id for row in evidence.approvals)
    again = sum(turn.attempt > 1 + reopened[turn.id] for turn in agents)
    acts = Counter(row.action["act"] for row in evidence.approvals)
    ambiguous = sum(event.kind == "tool.ambiguous" for event in evidence.events)
    _line("runs", len(evidence.roots), _words(patterns))
    _line("  of these", states["finished"], f"finished, {states['stopped']} stopped by a person's no")
    _line("nested runs", len(evidence.runs) - len(evidence.roots))
    _line("turns of agents", len(agents), f"{again} taken up again by another worker")
    _line("questions to people", len(evidence.approvals), _words(acts))
    _line("  answered twice at the same moment", desk.said.raced, f"{desk.said.refused.total()} answers got a 409")
    _line("outward calls that arrived", len(evidence.record), f"{ambiguous} ambiguous, each put to people")
    _line("requests repeated after a broken one", desk.said.broken)
    _line("events", len(evidence.events))
    print()


def _wrong(installation: Installation, desk: Desk, evidence: Evidence) -> dict[str, list[str]]:
    chains = {name: f"/workrooms/{room}/audit.jsonl" for name, room in desk.rooms.items()}
    chains["organization"] = "/organization/audit.jsonl"
    said = desk.said
    return {
        "answers of the API nobody expected": said.wrong,
        "starts lost or doubled": list(holds.starts_kept(evidence, said)),
        "runs hanging": list(holds.none_hang(evidence)),
        "runs ended by anything but people": list(holds.only_people_end(evidence)),
        "turns lost": list(holds.turns_kept(evidence)),
        "finished turns repeated": list(holds.none_repeated(evidence)),
        "outward actions done twice": list(holds.none_sent_twice(evidence)),
        "outward actions not done at all": list(holds.none_unsent(evidence)),
        "outward actions done without a yes": list(holds.none_unapproved(evidence, desk.rooms["asked"])),
        "ambiguous calls nobody was asked about": list(holds.ambiguous_asked(evidence)),
        "answers lost, or accepted twice": list(holds.decided_once(evidence, said)),
        "budgets that do not add up": list(holds.budgets_hold(evidence)),
        "revisions without a file": list(holds.files_kept(evidence, settings.MEDIA_ROOT)),
        "ledgers broken": verified(installation.url, desk.tokens["olga"], chains),
    }


def _words(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counted.most_common())


def _line(name: str, value: int, words: str = "") -> None:
    print(f"{name:<{WIDTH}}{value:>9,}   {words}".rstrip(), flush=True)
