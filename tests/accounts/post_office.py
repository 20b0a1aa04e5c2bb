"""A mail server on a real socket that refuses what it is told to."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Talk(socketserver.StreamRequestHandler):
    """The few verbs of SMTP a client needs."""

    server: "PostOffice"

    def handle(self) -> None:
        """Answer until the client leaves."""
        self._say("220 here")
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb == "RCPT" and any(address in line for address in self.server.refused):
                self._say(self.server.refusal)
            elif verb == "DATA":
                self._say("354 go on")
                self._take()
            else:
                self._say("221 bye" if verb == "QUIT" else "250 fine")

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
            lines.append(line)
        text = "\n".join(lines)
        if any(word in text for word in self.server.poison):
            self._say("554 not this")
        else:
            self.server.taken.append(text)
            self._say("250 taken")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class PostOffice(socketserver.ThreadingTCPServer):
    """`refused` recipients get `refusal`; a text with a word of `poison` is not taken; `taken` is what was."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.refused: list[str] = []
        self.refusal = "550 nobody here"
        self.poison: list[str] = []
        self.taken: list[str] = []

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


@contextmanager
def open_office() -> Iterator[PostOffice]:
    """A server that answers until the end of the block."""
    with PostOffice() as office:
        thread = threading.Thread(target=office.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield office
        office.shutdown()
        thread.join()
