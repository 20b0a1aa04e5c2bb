"""Serves the styleguide as a developer sees it (DEBUG, unbundled files): `python -m tests.e2e.styleguide PORT`."""

import os
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.wsgi import get_wsgi_application

os.environ |= {"DEBUG": "1", "DJANGO_SETTINGS_MODULE": "tests.e2e.styleguide_settings"}
os.environ.setdefault("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")


class Server(ThreadingMixIn, WSGIServer):
    """One thread for each request: a browser asks for twenty files at once."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Requests are not worth a line."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def main() -> None:
    """Serve until killed."""
    port = int(sys.argv[1])
    make_server("127.0.0.1", port, get_wsgi_application(), Server, Quiet).serve_forever()


if __name__ == "__main__":
    main()
