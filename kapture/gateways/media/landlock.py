"""Landlock: the kernel keeps this process and all it starts to the files and the one port it works with.

Needs no rights, and no kernel module beyond Linux 5.13; ports are kept since 6.7, signals since 6.12. Numbers and
structures are those of linux/landlock.h.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION: Final = 1
RULE_PATH, RULE_PORT = 1, 2
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 4
READING: Final = EXECUTE | READ_FILE | READ_DIR
# The rights over files that each version of the interface knows: 13 at first, then REFER, TRUNCATE, IOCTL_DEV.
RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15}
NEWEST_RIGHTS: Final = 16
# Making devices, sockets and pipes is in nobody's work.
_MAKE_SPECIAL: Final = (1 << 6) | (1 << 9) | (1 << 10) | (1 << 11)
BIND_TCP, CONNECT_TCP = 1, 2
SCOPE_ABSTRACT_SOCKETS, SCOPE_SIGNALS = 1, 2
PORTS_SINCE, SCOPES_SINCE = 4, 6

_libc = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """The version of the interface; 0 where the kernel has none."""
    if sys.platform != "linux":
        return 0
    return max(0, int(_libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ASK_VERSION)))


def confine(*, reading: Iterable[Path], writing: Iterable[Path], emptying: Path, port: int) -> bool:
    """Keep this process to these folders and files and to connections to `port`; False where the kernel cannot.

    Of what lies in `emptying` empty folders can be removed, and nothing else. Paths that do not exist are left out.
    Only for a process that has given up gaining rights; raises OSError.
    """
    known = version()
    if not known:
        return False
    all_rights = (1 << RIGHTS.get(known, NEWEST_RIGHTS)) - 1
    ports = BIND_TCP | CONNECT_TCP if known >= PORTS_SINCE else 0
    scopes = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS if known >= SCOPES_SINCE else 0
    attributes = struct.pack("=QQQ", all_rights, ports, scopes)
    size = 24 if known >= SCOPES_SINCE else 16 if known >= PORTS_SINCE else 8
    rules = _call(_libc.syscall(CREATE_RULESET, attributes, ctypes.c_size_t(size), 0))
    try:
        for path in reading:
            _add_path(rules, path, READING)
        for path in writing:
            _add_path(rules, path, all_rights & ~_MAKE_SPECIAL)
        _add_path(rules, emptying, REMOVE_DIR)
        if ports:
            _call(_libc.syscall(ADD_RULE, rules, RULE_PORT, struct.pack("=QQ", CONNECT_TCP, port), 0))
        _call(_libc.syscall(RESTRICT_SELF, rules, 0))
    finally:
        os.close(rules)
    return True


def _add_path(rules: int, path: Path, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not path.is_dir():
            rights &= EXECUTE | WRITE_FILE | READ_FILE  # the others are rights over folders
        _call(_libc.syscall(ADD_RULE, rules, RULE_PATH, struct.pack("=Qi", rights, descriptor), 0))
    finally:
        os.close(descriptor)


def _call(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
