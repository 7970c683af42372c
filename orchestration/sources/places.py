"""Where files of sources lie: each organization has a folder, filled by the operator; nothing else is in reach."""

from pathlib import Path

from django.conf import settings

from accounts.errors import Invalid
from accounts.models import Organization


def sources_folder(organization: Organization) -> Path:
    """Return the folder of an organization's files."""
    return Path(settings.WORKROOM_HOME) / "sources" / organization.slug


def place_of_source(organization: Organization, location: str) -> str:
    """Return the path of a file in the organization's folder; raises Invalid for one that lies elsewhere."""
    folder = sources_folder(organization).resolve()
    try:
        path = (folder / location).resolve()
    except (OSError, ValueError):
        path = folder
    if path == folder or not path.is_relative_to(folder):
        message = f"expected the name of a file in {folder}"
        raise Invalid("This file is not in the organization's folder of sources.", [("location", message)])
    return str(path)
