"""What a durable turn costs, beside a peer that checkpoints into the same database: `python -m benchmarks.turns`."""
