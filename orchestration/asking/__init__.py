"""Asking people: the questions that a run waits on, and word to those who may answer."""
