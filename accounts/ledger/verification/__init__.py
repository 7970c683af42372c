"""The verifier, part by part; `accounts.ledger.verify` puts the parts together to one file that stands alone."""
