"""What `run_batch` prints: a bar while it works, a table at the end."""

from collections import Counter
from typing import Any

from orchestration.models import Approval, Batch, Run
from orchestration.runs.tallies import stated_cents

WIDTH = 40


def progress(stream: Any, done: int, total: int, carried: int, seconds: float) -> None:
    """Write the bar: in place on a terminal, else a line for every tenth."""
    rate = f"{carried / seconds:.1f} rows/s" if seconds > 0 else ""
    filled = WIDTH * done // total if total else WIDTH
    line = f"[{'#' * filled}{'-' * (WIDTH - filled)}] {done}/{total} {rate}"
    if stream.isatty():
        stream.write(f"\r{line}", ending="\n" if done == total else "")
    elif done == total or done % max(1, total // 10) == 0:
        stream.write(line)


def report(batch: Batch, carried: int, seconds: float) -> str:
    """Return the table of a batch. Call it inside a unit of work."""
    runs = Run.objects.filter(batch=batch, parent=None)
    states = Counter(runs.values_list("state", flat=True))
    total = sum(states.values())
    rules: Counter[str] = Counter()
    asked = Approval.objects.filter(run__batch=batch, state=Approval.State.OPEN).values_list("rules", flat=True)
    for listed in asked:
        rules.update(rule["name"] for rule in listed)
    lines = [("rows", f"{total}"), *((state, f"{number}") for state, number in sorted(states.items()))]
    straight = states[Run.State.FINISHED]
    lines.append(("without a person", f"{100 * straight / total:.1f} %" if total else "-"))
    lines += [(f"asked: {name}", f"{number}") for name, number in rules.most_common()]
    lines.append(("paid", f"${stated_cents(runs, 'paid_cents') / 100:,.2f}"))
    lines.append(("carried now", f"{carried} rows in {seconds:.1f} s"))
    lines.append(("rows/s", f"{carried / seconds:.2f}" if seconds > 0 and carried else "-"))
    width = max(len(name) for name, _ in lines)
    return "\n".join(f"{name:<{width}}  {value:>14}" for name, value in lines)
