"""Who waits for whom: runs, turns, nested runs, questions and people; and what of it can never go on by itself."""
