"""How a team works together, as pure functions. `PATTERNS` maps the name in a team's YAML to its function."""

from orchestration.patterns import concurrent, group_chat, handoff, manager, sequential
from orchestration.patterns.base import Pattern

PATTERNS: dict[str, Pattern] = {
    "sequential": sequential.next_step,
    "concurrent": concurrent.next_step,
    "group_chat": group_chat.next_step,
    "handoff": handoff.next_step,
    "manager": manager.next_step,
}
