"""What may be used, and how much: budgets, rates, breakers, loops, rests, and quarantine."""
