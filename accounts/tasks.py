"""Upkeep of WHO."""
