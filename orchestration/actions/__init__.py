"""One function for each thing that is done to runs, approvals, teams and means: the row, its event, its push."""
