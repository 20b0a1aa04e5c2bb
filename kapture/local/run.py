"""`make run`: the whole product on one machine, under one supervisor."""

import base64
import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError

from honcho.environ import parse_procfile
from honcho.manager import Manager

from kapture.local.bucket import Bucket
from kapture.local.servers import Postgres, Redis
from kapture.sandbox.clerk import publishable_key
from kapture.sandbox.control import Control
from kapture.settings.env import BASE_DIR, env, home, running_instance

DEMO = "demo@kapture.local", "kapture-demo"
STAFF = "staff@kapture.local", "kapture-staff"
PYTHON = sys.executable
YES = frozenset({"1", "true", "yes", "on"})
# Vendors with stand-ins, and the setting that switches each to the real one.
KEYS = {"apify": "APIFY_API_TOKEN", "openai": "OPENAI_API_KEY", "stripe": "STRIPE_SECRET_KEY"}


class Instance:
    """One running Kapture: what was started, in order, and how to stop it again."""

    def __init__(self) -> None:
        self.home = home()
        self.host = env.str("HOST", default="127.0.0.1")
        self.port = env.int("PORT", default=8000)
        self.env = {**os.environ, "KAPTURE_HOME": str(self.home), "PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        # A laptop has one user; the warning about root is meant for servers.
        self.env.setdefault("PYTHONWARNINGS", "ignore")
        self.env["PATH"] = f"{Path(PYTHON).parent}{os.pathsep}{self.env['PATH']}"
        self.env["SITE_URL"] = env.str("SITE_URL", default=f"http://{self.host}:{self.port}")
        self.stops: list[Callable[[], None]] = []

    def take_home(self) -> None:
        """Be the only instance of this home; one that is just stopping is waited for."""
        lock = (self.home / "lock").open("w")
        self.stops.append(lock.close)
        until = time.monotonic() + 15
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise SystemExit(
                        f"Another Kapture runs in {self.home}. KAPTURE_HOME names another folder."
                    ) from None
                time.sleep(0.2)
            else:
                return

    def start_servers(self) -> None:
        """PostgreSQL and Redis, unless the environment names others."""
        if not self.env.get("DATABASE_URL"):
            postgres = Postgres.start(self.home / "postgres")
            self.stops.append(postgres.stop)
            self.env["DATABASE_URL"] = postgres.url("kapture")
        if not self.env.get("REDIS_URL"):
            redis = Redis.start(self.home / "redis")
            self.stops.append(redis.stop)
            self.env["REDIS_URL"] = redis.url

    def start_sandbox(self) -> list[str]:
        """Stand-ins of the vendors without keys; answers their names."""
        missing = self._missing()
        wanted = [*missing, "video"] if missing else []
        if not self.env.get("EMAIL_URL"):
            wanted.append("mail")
        if not wanted:
            return []
        folder = self.home / "sandbox"
        folder.mkdir(parents=True, exist_ok=True)
        command = [PYTHON, "-m", "kapture.sandbox", "--home", str(folder), "--only", ",".join(wanted)]
        command += ["--mail-folder", str(self.home / "mail")]
        if "stripe" in missing:
            self.env |= {"STRIPE_WEBHOOK_SECRET": f"whsec_{secrets.token_hex(16)}"}
            command += ["--stripe-webhook-url", f"{self.env['SITE_URL'].rstrip('/')}/api/webhooks/stripe"]
            command += ["--stripe-webhook-secret", self.env["STRIPE_WEBHOOK_SECRET"]]
        process = subprocess.Popen([*command, *self._known_ports(folder)], env=self.env, stdout=subprocess.DEVNULL)
        self.stops.append(lambda: stop(process))
        addresses = wait_for_addresses(folder / "sandbox.json", process)
        self.env |= {"MAILBOX_URL": addresses["mail"]} if "mail" in addresses else {}
        if missing:
            self._point_at(missing, addresses)
        return missing

    def start_bucket(self) -> None:
        """A stand-in of R2 where one is asked for and no store is named."""
        wanted = self.env.get("KAPTURE_SANDBOX_S3", "").lower() in YES
        if not wanted or any(self.env.get(name) for name in ("R2_ENDPOINT_URL", "R2_ACCOUNT_ID", "R2_BUCKET")):
            return
        bucket = Bucket.start(self.home / "bucket")
        self.stops.append(bucket.stop)
        names = [*filter(None, [self.env.get("KAPTURE_SANDBOX")]), "storage"]
        self.env |= {**bucket.env, "KAPTURE_SANDBOX": ",".join(names)}

    def _missing(self) -> list[str]:
        """Vendors without a key, and those whose stand-ins are asked for."""
        missing = [name for name, key in KEYS.items() if not self.env.get(key)]
        if self.env.get("KAPTURE_SANDBOX_CLERK", "").lower() in YES:
            missing += [] if self.env.get("CLERK_SECRET_KEY") else ["clerk"]
        if self.env.get("KAPTURE_SANDBOX_SEARCH", "").lower() in YES:
            missing += ["ytdlp", "reddit"]
        return missing

    def _point_at(self, missing: list[str], addresses: dict[str, str]) -> None:
        """Let every process find the stand-ins instead of the vendors."""
        video = addresses["video"].removeprefix("http://")
        self.env |= {"KAPTURE_SANDBOX": ",".join(missing), "EGRESS_ALLOW": video, "IMAGE_ORIGINS": addresses["video"]}
        if "apify" in missing:
            self.env |= {"APIFY_API_TOKEN": secrets.token_hex(16), "APIFY_API_URL": addresses["apify"]}
        if "openai" in missing:
            self.env |= {"OPENAI_API_KEY": secrets.token_hex(16), "OPENAI_BASE_URL": addresses["openai"]}
        if "stripe" in missing:
            key = f"sk_test_{secrets.token_hex(16)}"
            self.env |= {"STRIPE_SECRET_KEY": key, "STRIPE_API_BASE": addresses["stripe"]}
        if "clerk" in missing:
            self._switch_on_clerk(addresses["clerk"])
        if "ytdlp" in missing:
            self.env |= {"YOUTUBE_PROXY": addresses["ytdlp"], "REDDIT_API_URL": addresses["reddit"]}
            self.env["SCRAPING_PROVIDERS"] = self.env.get("SCRAPING_PROVIDERS") or "youtube=ytdlp,reddit=reddit"

    def _switch_on_clerk(self, address: str) -> None:
        """Let people sign in through the stand-in of Clerk, which tells us what they do there."""
        secret = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
        self.env |= {"CLERK_SECRET_KEY": f"sk_test_{secrets.token_hex(20)}", "CLERK_API_URL": address}
        self.env |= {"CLERK_PUBLISHABLE_KEY": publishable_key(address), "CLERK_WEBHOOK_SECRET": secret}
        Control(address).turn(webhook_url=f"{self.env['SITE_URL']}/api/webhooks/clerk", webhook_secret=secret)

    def _known_ports(self, folder: Path) -> list[str]:
        """The ports of the last start, where they are free: rows captured then point to them."""
        file = folder / "sandbox.json"
        if not file.exists():
            return []
        known = json.loads(file.read_text())
        file.unlink()
        ports = {name: int(url.removesuffix("/v1").rpartition(":")[2]) for name, url in known.items()}
        return [text for name, port in ports.items() if is_free(port) for text in (f"--{name}-port", str(port))]

    def prepare(self) -> None:
        """Migrations, static files, demo."""
        relaxed = {**self.env, "DB_STATEMENT_TIMEOUT_MS": "0"}
        done = subprocess.run([PYTHON, "-m", "kapture.local.prepare"], env=relaxed, cwd=BASE_DIR, check=False)
        if done.returncode:
            raise SystemExit("The database or the static files could not be prepared; the reason is above.")

    def tell(self) -> None:
        """Let `manage.py` commands find this instance while it runs."""
        hidden = {"PATH", "PYTHONWARNINGS", "PYTHONUNBUFFERED"}
        known = {key: value for key, value in self.env.items() if os.environ.get(key) != value and key not in hidden}
        file = running_instance()
        file.touch(mode=0o600)
        file.write_text(json.dumps(known))
        self.stops.append(file.unlink)

    def run(self, missing: list[str]) -> int:
        """The Procfile's processes, until one ends or somebody stops us."""
        manager = Manager()
        for name, command in parse_procfile((BASE_DIR / "Procfile").read_text()).processes.items():
            manager.add_process(name, command, env=self.env, cwd=str(BASE_DIR))
        threading.Thread(target=self._greet, args=[missing], daemon=True).start()
        manager.loop()
        return int(manager.returncode or 0)

    def _greet(self, missing: list[str]) -> None:
        address = f"http://{self.host}:{self.port}"
        while not answers(f"{address}/api/health"):
            time.sleep(0.1)
        lines = [
            f"Kapture runs at {address}",
            f"  demo   {DEMO[0]}  {DEMO[1]}",
            f"  staff  {STAFF[0]}  {STAFF[1]}  ({address}/admin/)",
            f"  API    {address}/api/docs",
            *([f"  mail   {self.env['MAILBOX_URL']}"] if self.env.get("MAILBOX_URL") else []),
            *([f"  Stripe {self.env['STRIPE_API_BASE']}"] if "stripe" in missing else []),
            *([f"  media  {self.env['R2_ENDPOINT_URL']}"] if self.env.get("R2_ENDPOINT_URL") else []),
            f"  stand-ins with sample data: {', '.join(missing)} (keys in .env replace them)"
            if missing
            else "  no stand-ins",
            "Ctrl-C stops it.",
        ]
        sys.stdout.write("\n" + "\n".join(lines) + "\n\n")
        sys.stdout.flush()

    def stop(self) -> None:
        """Stop what was started, last first."""
        while self.stops:
            self.stops.pop()()


def is_free(port: int) -> bool:
    """Whether nobody listens on a loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def answers(url: str) -> bool:
    """Whether an address answers at all."""
    try:
        with urllib.request.urlopen(url, timeout=1):  # noqa: S310  # our own address
            return True
    except (URLError, OSError):
        return False


def wait_for_addresses(file: Path, process: subprocess.Popen[bytes]) -> dict[str, str]:
    """The addresses the stand-ins write when they listen."""
    until = time.monotonic() + 30
    while not file.exists():
        if process.poll() is not None or time.monotonic() > until:
            raise SystemExit("The stand-ins did not start.")
        time.sleep(0.05)
    addresses: dict[str, str] = json.loads(file.read_text())
    return addresses


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process politely, and then not."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main() -> int:
    """Start everything, run, and leave nothing behind."""
    instance = Instance()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    try:
        instance.take_home()
        if not is_free(instance.port):
            raise SystemExit(f"Port {instance.port} is taken. Choose another: PORT=8001 make run")
        instance.start_servers()
        missing = instance.start_sandbox()
        instance.start_bucket()
        instance.prepare()
        instance.tell()
        return instance.run(missing)
    except KeyboardInterrupt:
        return 130
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        instance.stop()


if __name__ == "__main__":
    sys.exit(main())
