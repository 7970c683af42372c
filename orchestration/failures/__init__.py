"""What went wrong in a run, as far as its events show it without a model: `findings(trace)`.

The modes are those of MAST (Cemri et al., "Why Do Multi-Agent LLM Systems Fail?", arXiv 2503.13657). Pure: events of
a run in, findings out; only `reading` and `scorecard` read the database.
"""

from orchestration.failures.finding import Finding
from orchestration.failures.modes import DETECTORS
from orchestration.failures.trace import Trace

__all__ = ["DETECTORS", "Finding", "Trace", "findings"]


def findings(trace: Trace) -> list[Finding]:
    """Return what every detector finds in a run, in the order in which it happened.

    What shows in nothing but answers that were taken over from another run is a finding of that one.
    """
    found = [finding for detect in DETECTORS.values() for finding in detect(trace)]
    own = [finding for finding in found if not trace.taken_over.issuperset(finding.evidence)]
    return sorted(own, key=lambda finding: (finding.evidence, finding.mode))
