"""The detectors of failure modes on traces from a generator, with a fresh seed each time; the table is printed."""

import os
import random
import secrets
from collections import Counter
from collections.abc import Callable

import pytest

from orchestration.failures import DETECTORS, findings
from orchestration.failures.modes import MODES
from tests.mast.broken_ends import BROKEN_ENDS
from tests.mast.broken_work import BROKEN_WORK
from tests.mast.likely_ends import LIKE_ENDS
from tests.mast.lookalikes import LIKE_WORK
from tests.mast.sound import SOUND
from tests.mast.story import Story
from tests.mast.taken_again import TAKEN_AGAIN

TRACES = int(os.environ.get("MAST_TRACES", "60"))  # of each kind of story
BROKEN = BROKEN_WORK | BROKEN_ENDS
INNOCENT = [*SOUND, *LIKE_WORK, *LIKE_ENDS, *TAKEN_AGAIN]
KINDS = [(mode, teller) for mode, tellers in BROKEN.items() for teller in tellers] + [("", one) for one in INNOCENT]


def seen_in(story: Story) -> set[str]:
    """The modes that the detectors find in a story."""
    return {finding.mode for finding in findings(story.trace())}


def ratio(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def test_precision_and_recall_of_each_detector(capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(os.environ.get("MAST_SEED", secrets.randbelow(10**9)))
    dice, hits, false, missed = random.Random(seed), Counter[str](), Counter[str](), Counter[str]()
    wrong: Counter[tuple[str, str]] = Counter()
    for mode, teller in KINDS:
        for _ in range(TRACES):
            seen = seen_in(teller(dice))
            hits[mode] += mode in seen
            missed[mode] += bool(mode) and mode not in seen
            for other in seen - {mode}:
                false[other] += 1
                wrong[teller.__name__, other] += 1
    rows = [
        (mode, ratio(hits[mode], hits[mode] + false[mode]), ratio(hits[mode], hits[mode] + missed[mode]))
        for mode in DETECTORS
    ]
    with capsys.disabled():
        print(f"\n{len(KINDS) * TRACES:,} traces, {len(KINDS)} kinds of story, seed {seed}")
        print(f"{'mode':38} precision  recall  false  missed")
        for mode, precision, recall in rows:
            print(f"{mode} {MODES[mode]:34} {precision:9.3f} {recall:7.3f} {false[mode]:6} {missed[mode]:7}")
        for (story, mode), number in wrong.most_common(8):
            print(f"  taken for {mode}: {story} ({number})")
    assert [row for row in rows if row[1] < 0.95 or row[2] < 0.9] == []


@pytest.mark.parametrize("teller", [one for _, one in KINDS], ids=lambda one: one.__name__)
def test_a_finding_names_events_and_turns_of_its_run(teller: Callable[[random.Random], Story]) -> None:
    story = teller(random.Random(7))
    trace = story.trace()
    numbers = {event["seq"] for event in story.events}
    for detect in DETECTORS.values():
        for finding in detect(trace):
            assert finding.evidence and numbers.issuperset(finding.evidence), finding
            assert set(trace.turns).issuperset(finding.turns), finding
            assert finding.sentence.endswith(".") or ":" in finding.sentence, finding
