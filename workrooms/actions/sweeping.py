"""Files that no revision names: written by a process that was killed before its commit, or before it took them away."""

from datetime import datetime
from pathlib import Path

from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.tenancy import current_unit
from workrooms.models import Revision


def sweep_files(before: datetime) -> int:
    """Remove the organization's files that no revision names and nobody wrote since `before`; return how many.

    `before` lies further back than any transaction that may still commit.
    """
    root = Path(default_storage.path(""))
    found = (path for path in (root / str(current_unit().organization_id)).rglob("*") if path.is_file())
    old = {str(path.relative_to(root)): path for path in found if _written_at(path) < before}
    strays = set(old) - set(Revision.objects.filter(file__in=list(old)).values_list("file", flat=True))
    for name in strays:
        old[name].unlink(missing_ok=True)
    return len(strays)


def _written_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, timezone.get_current_timezone())
