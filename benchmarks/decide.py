"""How long one decision takes: 10,000 distinct requests, 30 rules, 200 entities, 1 % just after a changed grant.

python -m benchmarks.decide

All five factors are decided in this process, with parsed rules kept. A hundred times a grant is taken from the person
right before the request: the snapshot behind it is then another, and an answer that still permits would be stale.
Prints CPU time too, because a busy machine stretches the clock. Returns 1 if an answer was stale or p50 is too long.
"""

import statistics
import sys
import time
from dataclasses import replace

from accounts.authority.decide import Act, Granted, Standing, decide
from accounts.authority.labels import Clearance, Destination, Label
from accounts.authority.rulebook import Flow, rule_book
from accounts.authority.ruletexts import SHIPPED, shipped_text
from accounts.authority.task import Record, Task, Use

REQUESTS, RULES, ENTITIES = 10_000, 30, 200
GOAL_MS = 0.5
EVERY = 100
RELATIONS = ("owner", "editor", "approver", "auditor", "viewer")


def standing() -> Standing:
    """Return what stands behind the requests."""
    shipped = {name: shipped_text(name) for name in SHIPPED}
    missing = RULES - len(rule_book(shipped, {}).policies)
    own = "\n".join(
        f'@reason("Not in phase {number}.") forbid(principal, action, resource) when '
        f'{{ context.purpose == "phase-{number}" && context.person in Relation::"viewer" }};'
        for number in range(missing)
    )
    people = {f"person-{number}": RELATIONS[number % len(RELATIONS)] for number in range(ENTITIES - len(RELATIONS))}
    book = rule_book({**shipped, "own": own}, people)
    assert len(book.policies) == RULES
    grants = {f"tool-{number}": Granted() for number in range(50)}
    objects = frozenset(f"document:{number}" for number in range(REQUESTS))
    records = tuple(
        Record(frozenset({"payee"}), (f"Payee {number}",), frozenset({f"DE{number:020}"})) for number in range(50)
    )
    return Standing(frozenset({"view", "start_run"}), grants, objects, Task("Pay Payee 7 and Payee 9.", records), book)


def requests() -> list[tuple[Act, Flow]]:
    """Return the distinct requests: reads towards an endpoint, and writes whose targets are traced."""
    endpoint = Destination("endpoint", "house", "confidential", frozenset({"DE"}), frozenset({"gdpr"}))
    made = []
    for number in range(REQUESTS):
        tool, writes = f"tool-{number % 50}", number % 4 == 0
        uses = (Use("payee", "target", f"DE{number % 10:020}", frozenset({"payee"})),) if writes else ()
        act = Act(tool, f"document:{number}", needs="start_run" if writes else "view", uses=uses)
        label = Label(("public", "internal", "confidential")[number % 3], frozenset({f"case-{number}"}))
        flow = Flow(
            "write" if writes else "read", tool, f"agent-{number % 20}", f"person-{number % 190}", act.object, label,
            Clearance(), purpose=f"phase-{number % 30}", to=None if writes else endpoint,
        )  # fmt: skip
        made.append((act, flow))
    return made


def main() -> int:
    """Measure and print."""
    whole, asked, times, stale, answers = standing(), requests(), [], 0, {"permit": 0, "deny": 0, "ask": 0}
    processor = time.process_time()
    for number, (act, flow) in enumerate(asked):
        revoked = number % EVERY == 0
        now = replace(whole, permissions=whole.permissions - {act.needs}) if revoked else whole
        started = time.perf_counter()
        decision = decide(act, now, flow)
        times.append((time.perf_counter() - started) * 1000)
        answers[decision.outcome] += 1
        stale += revoked and decision.outcome != "deny"
    cpu = (time.process_time() - processor) / REQUESTS * 1000
    p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
    print(
        f"{REQUESTS:,} distinct requests, {RULES} rules, {ENTITIES} entities, {REQUESTS // EVERY} revoked just before"
    )
    print(f"p50 {p50:.3f} ms · p99 {p99:.3f} ms · CPU {cpu:.3f} ms each · stale answers {stale} · {answers}")
    return int(stale > 0 or p50 >= GOAL_MS)


if __name__ == "__main__":
    sys.exit(main())
