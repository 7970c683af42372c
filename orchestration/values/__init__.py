"""What can be said of a value whatever it is for: its schema, rules over it, its mistakes in words, its digest."""
