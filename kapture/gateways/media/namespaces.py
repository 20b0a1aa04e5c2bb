"""A network of its own for this process, and no rights: the kernel's calls that the standard library does not know.

Numbers are those of the kernel's headers (linux/sched.h, linux/prctl.h, linux/capability.h, linux/if.h).
"""

import ctypes
import fcntl
import os
import socket
import struct
from pathlib import Path
from typing import Final

CLONE_NEWUSER: Final = 0x10000000
CLONE_NEWNET: Final = 0x40000000
PR_CAPBSET_DROP: Final = 24
PR_SET_NO_NEW_PRIVS: Final = 38
LAST_CAPABILITY: Final = 63
CAPABILITY_VERSION: Final = 0x20080522
SIOCGIFFLAGS, SIOCSIFFLAGS = 0x8913, 0x8914
IFF_UP: Final = 1

_libc = ctypes.CDLL(None, use_errno=True)


def own_network() -> None:
    """Leave every network but a loopback of our own; raises OSError where the machine does not allow it."""
    user, group = os.geteuid(), os.getegid()
    try:
        _call(_libc.unshare(CLONE_NEWNET))
    except PermissionError:
        # A user without rights has them in a user namespace, over nothing but what it makes there.
        _call(_libc.unshare(CLONE_NEWUSER | CLONE_NEWNET))
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        asked = struct.pack("16sH14x", b"lo", 0)
        (flags,) = struct.unpack_from("H", fcntl.ioctl(sock, SIOCGIFFLAGS, asked), 16)
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))


def become(user: int) -> None:
    """Be an unprivileged user from here on, for good; raises OSError."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def give_up_rights() -> None:
    """Hold no capability, and gain none by any program that is started; raises OSError."""
    _call(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    for capability in range(LAST_CAPABILITY + 1):
        # Refused where there is none to give up, or no such capability: the next call decides.
        _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = struct.pack("Ii", CAPABILITY_VERSION, 0)
    _call(_libc.capset(header, bytes(24)))


def _call(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
