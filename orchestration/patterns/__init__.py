"""How a team works together, as pure functions. `PATTERNS` maps the name in a team's YAML to its function."""

from orchestration.patterns import concurrent, sequential
from orchestration.patterns.base import Pattern

PATTERNS: dict[str, Pattern] = {"sequential": sequential.next_step, "concurrent": concurrent.next_step}
