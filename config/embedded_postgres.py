"""PostgreSQL from the wheel's programs, with its data in the installation's home."""

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from config.child import LEASH, Child, Unusable, end_leftovers
from config.installation import installation_secret
from config.server_files import Account, free_port, postgres_program, private_directory, seen_by_server, server_account

DATABASE = "workroom"
OWNER = "workroom_owner"
APPLICATION = "workroom_app"
SUPERUSER = "postgres"
CONNECTIONS_PER_PROCESS = 24
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": str(max(200, CONNECTIONS_PER_PROCESS * ((os.cpu_count() or 1) + 4))),
    "shared_buffers": "256MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "128MB"}


@dataclass(frozen=True, repr=False)
class Postgres:
    """A running PostgreSQL: its process and the addresses for superuser, owner and application."""

    child: Child
    superuser_url: str
    owner_url: str
    app_url: str


def start_postgres(home: Path, *, durable: bool = True) -> Postgres:
    """Start PostgreSQL on `home`/postgres, made first if missing; raise Unusable if that cannot be.

    The caller holds the installation's lock. `durable=False` trades safety for speed and is for tests.
    """
    place = home / "postgres"
    data = place / "data"
    account = server_account(place)
    secrets = {role: installation_secret(home / "servers", role) for role in (SUPERUSER, OWNER, APPLICATION)}
    private_directory(place, account)
    if not data.exists():
        _initialise(place, account, secrets[SUPERUSER], durable)
    end_leftovers(data, "postgres", signal.SIGINT)
    (data / "postmaster.pid").unlink(missing_ok=True)
    port = free_port()
    child = _process(home, data, account, port, durable)
    urls = {role: f"postgres://{role}:{secret}@127.0.0.1:{port}/{DATABASE}" for role, secret in secrets.items()}
    maintenance = f"postgres://{SUPERUSER}:{secrets[SUPERUSER]}@127.0.0.1:{port}/postgres"
    child.start()
    try:
        child.wait_until(lambda: _answers(maintenance), seconds=60)
        _make_roles(maintenance, secrets)
    except BaseException:
        child.stop()
        raise
    return Postgres(child, urls[SUPERUSER], urls[OWNER], urls[APPLICATION])


def _initialise(place: Path, account: Account | None, password: str, durable: bool) -> None:
    """Make a database cluster with scram passwords; a half-made one is never left under the final name."""
    fresh = place / "new"
    if fresh.exists():
        shutil.rmtree(fresh)
    private_directory(fresh, account)
    password_file = place / "initial-password"
    with os.fdopen(os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(password)
    if account:
        os.chown(password_file, *account)
    initdb = [postgres_program("initdb"), "-D", seen_by_server(fresh, account), "-U", SUPERUSER]
    initdb += ["--auth=scram-sha-256", "--pwfile=../initial-password", "--encoding=UTF8", "--no-instructions"]
    initdb += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    initdb += [] if durable else ["--no-sync"]
    leash = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), str(int(signal.SIGKILL))]
    leash += [f"{account[0]}:{account[1]}" if account else "-"]
    done = subprocess.run(leash + initdb, cwd=fresh, capture_output=True, text=True, check=False)
    password_file.unlink()
    if done.returncode:
        raise Unusable(f"WORKROOM_HOME: no database could be made in {place}:\n{done.stderr.strip()}")
    fresh.rename(place / "data")


def _process(home: Path, data: Path, account: Account | None, port: int, durable: bool) -> Child:
    settings = SETTINGS | {"port": str(port)} | ({} if durable else NOT_DURABLE)
    command = [postgres_program("postgres"), "-D", seen_by_server(data, account)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    return Child(
        name="PostgreSQL",
        command=command,
        directory=data,
        log=home / "logs/postgres.log",
        account=account,
        stop_signal=signal.SIGINT,
        death=signal.SIGINT,
    )


def _answers(url: str) -> bool:
    """Whether the server takes connections; a refused password will not get better, so it is raised."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            message = "WORKROOM_HOME: the passwords in servers/ are not those of the database beside them"
            raise Unusable(message) from None
        return False
    return True


def _make_roles(maintenance_url: str, secrets: dict[str, str]) -> None:
    """Make, or put right, the owner (who migrates), the application's restricted role and the database."""
    with psycopg.connect(maintenance_url, autocommit=True) as connection:
        known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        for role in (OWNER, APPLICATION):
            verb = "ALTER" if role in known else "CREATE"
            rights = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS"
            statement = sql.SQL(f"{verb} ROLE {{}} {rights} PASSWORD {{}}")
            connection.execute(statement.format(sql.Identifier(role), sql.Literal(secrets[role])))
        name = sql.Identifier(DATABASE)
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, sql.Identifier(OWNER)))
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, sql.Identifier(APPLICATION)))
