"""Run a benchmark inside an installation of its own: durable servers, migrated, one real worker a core.

python -m benchmarks.installed MODULE [ARGUMENT…]
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from config import stages
from config.embedded import start
from config.supervisor import stop_all


def main(module: str, *arguments: str) -> int:
    """Start everything but the web, run the module with the addresses in its environment, stop everything."""
    with tempfile.TemporaryDirectory(prefix="workroom-bench-") as place:
        home = Path(place) / "home"
        servers = start(home)
        environment = os.environ | {
            "DATABASE_URL": servers.database_url,
            "DATABASE_APP_URL": servers.app_url,
            "REDIS_URL": servers.redis_url,
            "WORKROOM_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        _, *working = stages.processes(home, environment, "127.0.0.1", 0)
        try:
            stages.manage(home, environment, "migrate", "--database", "owner", "--verbosity", "0")
            for child in working:
                child.start()
            stages.wait_for_workers(working[:-1], servers.redis_url)
            command = [sys.executable, "-m", module, *arguments]
            return subprocess.run(command, env=environment, check=False).returncode
        finally:
            stop_all([working], 10)
            servers.stop()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
