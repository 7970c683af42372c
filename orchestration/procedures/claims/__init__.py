"""The claims team's procedures: deterministic, offline, every formula stated in docs/claims.md."""
