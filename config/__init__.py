"""The installation: settings, entry points, commands."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
