"""Data in place: sources are read where they lie, read-only, and only the asked-for result leaves them."""
