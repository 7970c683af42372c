"""The fourteen failure modes of MAST, and which detector looks for which."""

from collections.abc import Callable

from orchestration.failures import ending, listening, memory, repetition, roles, verifying
from orchestration.failures.finding import Finding
from orchestration.failures.trace import Trace

Detector = Callable[[Trace], list[Finding]]

MODES = {
    "1.1": "Disobey task specification",
    "1.2": "Disobey role specification",
    "1.3": "Step repetition",
    "1.4": "Loss of conversation history",
    "1.5": "Unaware of termination conditions",
    "2.1": "Conversation reset",
    "2.2": "Fail to ask for clarification",
    "2.3": "Task derailment",
    "2.4": "Information withholding",
    "2.5": "Ignored other agent's input",
    "2.6": "Reasoning-action mismatch",
    "3.1": "Premature termination",
    "3.2": "No or incomplete verification",
    "3.3": "Incorrect verification",
}

DETECTORS: dict[str, Detector] = {
    "1.2": roles.outside_role,
    "1.3": repetition.repeated_steps,
    "1.4": memory.lost_history,
    "1.5": ending.unaware_of_the_end,
    "2.1": memory.resets,
    "2.5": listening.ignored,
    "3.1": ending.too_early,
    "3.2": verifying.unverified,
}
