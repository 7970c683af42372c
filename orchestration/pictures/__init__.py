"""Pictures of runs, drawn on the server."""
