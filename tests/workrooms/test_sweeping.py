"""Files that a killed process left behind are removed, and no others."""

import os
import time
from datetime import timedelta
from pathlib import Path

from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.tenancy import unit_of_work
from tests.cast import Cast
from workrooms.actions.documents import add_document
from workrooms.actions.sweeping import sweep_files
from workrooms.models import Revision

DAY = 86_400


def test_only_old_files_that_no_revision_names_are_removed(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        kept = Revision.objects.get(document=add_document(cast.room, actor=cast.bob, name="a.md", content=b"Kept."))
    named = Path(kept.file.path)
    stray, young = named.with_name("2"), named.with_name("3")
    foreign = Path(default_storage.path(f"{cast.outsider.id}/1/1"))
    foreign.parent.mkdir(parents=True)
    for path in (stray, young, foreign):
        path.write_text("Never committed.")
    for path in (named, stray, foreign):
        os.utime(path, (time.time() - 2 * DAY,) * 2)
    with unit_of_work(cast.harbor):
        assert sweep_files(timezone.now() - timedelta(days=1)) == 1
    assert [path.exists() for path in (named, stray, young, foreign)] == [True, False, True, True]
