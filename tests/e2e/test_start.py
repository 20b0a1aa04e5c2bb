"""Starting, stopping and starting again."""

import time
from pathlib import Path

from tests.e2e.instance import Instance, open_folder


def test_a_second_start_keeps_the_data_and_ctrl_c_leaves_no_process() -> None:
    with open_folder() as folder:
        start_and_stop(folder)


def start_and_stop(folder: Path) -> None:
    instance = Instance(folder / "home")
    first = instance.start()
    key = instance.manage("issue_api_key", "demo@kapture.local")
    assert key.startswith("kap_")
    instance.stop()
    assert [process.cmdline() for process in instance.family()] == []
    second = instance.start()
    other = Instance(folder / "other")
    other.start()
    assert instance.answers()
    assert instance.manage("issue_api_key", "demo@kapture.local") != key
    other.stop()
    began = time.monotonic()
    instance.stop()
    print(f"first start {first:.1f} s, second {second:.1f} s, stop {time.monotonic() - began:.1f} s")  # noqa: T201
    assert [process.cmdline() for process in [*instance.family(), *other.family()]] == []
    assert not (instance.home / "instance.json").exists()
