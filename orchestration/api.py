"""API v1 of HOW."""

from ninja import Router

router = Router()
