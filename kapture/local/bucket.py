"""A stand-in of R2 on loopback, which checks signatures and their ends as the real one does."""

import secrets
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from kapture.local.servers import free_port

BUCKET = "media"
SECONDS = 15


@dataclass(slots=True)
class Bucket:
    """A running `rclone serve s3` with one bucket, which is a folder; whoever starts it stops it."""

    process: "subprocess.Popen[bytes]"
    folder: Path
    url: str
    access_key: str
    secret_key: str

    @classmethod
    def start(cls, data: Path, *, key: str = "", secret: str = "") -> "Bucket":
        """Start the server on a free port, with the bucket made; a second or less."""
        (data / BUCKET).mkdir(parents=True, exist_ok=True)
        # It takes no shorter keys.
        key, secret = key or secrets.token_hex(10), secret or secrets.token_hex(20)
        port = free_port()
        command = [str(Path(sys.executable).parent / "rclone"), "serve", "s3", "--config", ""]
        command += ["--auth-key", f"{key},{secret}", "--addr", f"127.0.0.1:{port}", str(data)]
        log = data / "rclone.log"
        with log.open("wb") as file:
            process = subprocess.Popen(command, stdout=file, stderr=file, start_new_session=True)
        until = time.monotonic() + SECONDS
        while b"Starting s3 server" not in log.read_bytes():
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"The stand-in of R2 did not start: {log.read_text()[-500:]}")
            time.sleep(0.02)
        return cls(process, data, f"http://127.0.0.1:{port}", key, secret)

    @property
    def env(self) -> dict[str, str]:
        """The settings that make this the store."""
        return {
            "R2_ENDPOINT_URL": self.url,
            "R2_BUCKET": BUCKET,
            "R2_ACCESS_KEY_ID": self.access_key,
            "R2_SECRET_ACCESS_KEY": self.secret_key,
        }

    def stop(self) -> None:
        """Stop the server and wait until it is gone."""
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
