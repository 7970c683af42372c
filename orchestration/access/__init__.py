"""Access that people ask for, and that other people give."""
