"""The application does not work as owner or superuser, whoever starts it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.servers import TOLD

ROOT = Path(__file__).parent.parent.parent
LOOK = "from accounts.models import User; print('users:', User.objects.count())"


def look_as(url: str) -> "subprocess.CompletedProcess[str]":
    """Run a query in a process of its own whose application role is that of `url`, on this test's database."""
    here = urlunsplit(urlsplit(url)._replace(path=urlsplit(os.environ["DATABASE_URL"]).path))
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", LOOK]
    environment = os.environ | {"DATABASE_APP_URL": here}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_restricted_role_may_work(database: None) -> None:
    assert look_as(os.environ["DATABASE_APP_URL"]).stdout == "users: 0\n"


@pytest.mark.parametrize("role", ["owner", "superuser"])
def test_others_are_refused_by_name(database: None, role: str) -> None:
    looked = look_as(json.loads(os.environ[TOLD])[role])
    assert looked.returncode != 0
    assert "users:" not in looked.stdout
    assert "DATABASE_APP_URL: " in looked.stderr
