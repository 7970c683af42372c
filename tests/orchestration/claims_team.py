"""A team that the linter finds nothing wrong with, and what surrounds it: for tests that then break something."""

from typing import Any

from orchestration.teams.linting import Finding, lint

GOOD = """\
schema: 1
name: Auto claims
pattern: sequential
members:
  - agent: intake
  - team: {pattern: concurrent, members: [{agent: coverage}, {agent: fraud}], join: assessor}
  - agent: adjudicator
agents:
  intake:
    role: Structures the claim documents
    brain: {procedure: claims.intake}
    tools: [documents.read, "sources.query:claims"]
  coverage:
    role: Reads the policy
    brain: {procedure: claims.coverage}
    tools: ["sources.query:policies(policy_number, auto_make)"]
  fraud:
    role: Scores what does not fit
    brain: {model: {needs: [tools], endpoint: local}}
    limits: {tokens: 20000, cost_cents: 50}
  assessor:
    role: Joins both
    brain: {procedure: claims.assessor}
    on_failure: retry
  adjudicator:
    role: Proposes the payout
    brain: {procedure: claims.adjudicator}
    output: {type: object, properties: {payout_cents: {type: integer}, decision: {enum: [pay, refer]}}}
    checks: [{rule: "output.payout_cents >= 0"}]
limits: {turns: 30, seconds: 900, tokens: 200000, cost_cents: 500}
exceptions:
  - name: high-payout
    when: "agent == 'adjudicator' && output.payout_cents > 7500000"
    ask: {relation: approver, quorum: 1, not_requester: true, within: 2d, otherwise: escalate, because: "Too much."}
"""

SURROUNDINGS: dict[str, Any] = {
    "tools": ["documents.read", "documents.write", "sources.query", "webhook.send"],
    "procedures": ["claims.intake", "claims.coverage", "claims.assessor", "claims.adjudicator"],
    "endpoints": ["local"],
    "sources": {"claims": ["policy_number"], "policies": ["policy_number", "auto_make", "age"]},
    "teams": {},
    "slug": "auto-claims",
}


def broken(old: str, new: str, **surroundings: Any) -> list[Finding]:
    """What the linter finds when one thing in the good team is changed."""
    assert GOOD.count(old) == 1, f"{old!r} stands {GOOD.count(old)} times in the good team"
    return lint(GOOD.replace(old, new), **{**SURROUNDINGS, **surroundings})


def said(finding: Finding) -> str:
    """A finding as one line."""
    mend = f" {finding.mend}" if finding.mend else ""
    return f"{finding.line} {finding.severity}: {finding.message}{mend} [{finding.expected}]"
