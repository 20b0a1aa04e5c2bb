"""The namespace: every address leads to this machine, so that whatever gets out is seen."""

import contextlib
import ctypes
import os
import selectors
import shutil
import socket
import subprocess
import threading
from pathlib import Path

PUBLIC = "93.184.216.34"
NAME_SERVER = "127.0.0.53"
PORTS = (80, 443, 22, 25, 5432, 6379, 8000)
# linux/sched.h and linux/mount.h
CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18

_libc = ctypes.CDLL(None, use_errno=True)


def enter(folder: Path) -> str:
    """Move this process into a network of its own with a resolver of ours; the reason where that cannot be done."""
    if shutil.which("ip") is None:
        return "the program `ip` is not here"
    user, group = os.geteuid(), os.getegid()
    flags = CLONE_NEWNET | CLONE_NEWNS
    if _libc.unshare(flags) != 0:
        if _libc.unshare(flags | CLONE_NEWUSER) != 0:
            return "no network namespace can be made here"
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    resolver = folder / "resolv.conf"
    resolver.write_text(f"nameserver {NAME_SERVER}\noptions timeout:1 attempts:1\n")
    for source, target, how in ((None, "/", MS_REC | MS_PRIVATE), (str(resolver), "/etc/resolv.conf", MS_BIND)):
        made = _libc.mount(source.encode() if source else None, target.encode(), None, how, None)
        if made != 0:
            return f"{target} cannot be mounted: {os.strerror(ctypes.get_errno())}"
    for command in (
        "link set lo up",
        "route add local 0.0.0.0/0 dev lo table local",
        "-6 route add local ::/0 dev lo table local",
    ):
        subprocess.run(["ip", *command.split()], check=True)
    return ""


class Canaries:
    """Listens at every address of the namespace; `seen` lists where somebody connected."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._selector = selectors.DefaultSelector()
        for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
            for port in PORTS:
                self._selector.register(listening(family, address, port), selectors.EVENT_READ)
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            for key, _ in self._selector.select():
                assert isinstance(key.fileobj, socket.socket)
                with contextlib.suppress(OSError):
                    client, _ = key.fileobj.accept()
                    host, port = client.getsockname()[:2]
                    self.seen.append(f"{host}:{port}")
                    client.close()


def listening(family: int, address: str, port: int) -> socket.socket:
    """A listening socket that leaves more exact addresses to others."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address, port))
    sock.listen(64)
    return sock
