"""How well the fraud agent finds what investigators found, beside a one-line rule, and how claims end.

python -m benchmarks.fraud [FOLDER with auto_policies.csv, auto_claims.csv and auto_labels.csv; default: the demo book]

The findings (labels) are read only here, after every claim has been settled without them. All procedures run in order
in this process, with sources queried in place; the engine's own rows/s are measured by the batch benchmark.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from config.demo.claims_data import generate, write_book
from orchestration.procedures.claims.fraud import REVIEW_BAR
from tests.orchestration.claims_office import Office, exceptions_of, rows_of, settle

Settled = list[tuple[dict[str, str], dict[str, dict[str, Any]]]]
FLAGS: dict[str, Callable[[dict[str, str], dict[str, dict[str, Any]]], bool]] = {
    f"score of the known evidence >= {REVIEW_BAR}": lambda _, done: done["fraud"]["score"] >= REVIEW_BAR,
    "sent to a person for fraud-review": lambda _, done: done["fraud"]["score_high"] >= REVIEW_BAR,
    "baseline: incident_severity is Major Damage": lambda row, _: row["incident_severity"] == "Major Damage",
}


def precision_and_recall(flagged: set[str], fraudulent: set[str]) -> tuple[float, float]:
    """Share of the flagged that are fraudulent, share of the fraudulent that are flagged; 0.0 of nothing."""
    right = len(flagged & fraudulent)
    return right / len(flagged) if flagged else 0.0, right / len(fraudulent) if fraudulent else 0.0


def office_in(folder: Path) -> Office:
    """The office over a folder's files, whose names may begin with `auto_`."""
    return Office(folder, "auto_" if (folder / "auto_claims.csv").exists() else "")


def main(folder: Path) -> None:
    """Settle every claim of the folder, then print both tables."""
    office = office_in(folder)
    started = time.perf_counter()
    settled = [(row, settle(office, row)) for row in rows_of(folder / f"{office.prefix}claims.csv")]
    seconds = time.perf_counter() - started
    findings = rows_of(folder / f"{office.prefix}labels.csv")
    fraudulent = {row["policy_number"] for row in findings if row["fraud_reported"] == "Y"}
    print(f"{'flag':<46}{'flagged':>9}{'precision':>11}{'recall':>8}")
    for name, is_flagged in FLAGS.items():
        flagged = {row["policy_number"] for row, done in settled if is_flagged(row, done)}
        precision, recall = precision_and_recall(flagged, fraudulent)
        print(f"{name:<46}{len(flagged):>9}{precision:>11.2f}{recall:>8.2f}")
    print_outcomes(settled)
    print(f"{len(settled)} claims in {seconds:.1f} s, {len(settled) / seconds:.0f} rows/s in one process")


def print_outcomes(settled: Settled) -> None:
    """How many claims end in which way, and how many of them without a person."""
    answers = [done["adjudicator"] for _, done in settled]
    print()
    for outcome, count in Counter(answer["outcome"] for answer in answers).most_common():
        print(f"{outcome.replace('_', ' '):<46}{count:>9}")
    alone = [answer for answer in answers if not exceptions_of("adjudicator", answer)]
    denied = [answer for answer in alone if answer["payout_cents"] == 0 or answer["withheld_cents"] > 0]
    print(f"{'finished without a person':<46}{len(alone):>9}{len(alone) / len(answers):>11.1%}")
    print(f"{'denied by an agent':<46}{len(denied):>9}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as made:
            write_book(generate(), Path(made))
            main(Path(made))
