"""People in the run: they pause it, have a turn taken again, or begin another run from one of its turns."""
