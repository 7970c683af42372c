"""Traces of runs as the engine writes them, sound or with a failure in them, for the detectors of failure modes."""
