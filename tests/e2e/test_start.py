"""Starting, stopping and starting again."""

import time
from pathlib import Path

from tests.e2e.instance import Instance


def test_a_second_start_keeps_the_data_and_ctrl_c_leaves_no_process(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    instance = Instance(tmp_path / "home")
    first = instance.start()
    key = instance.manage("issue_api_key", "demo@kapture.local")
    assert key.startswith("kap_")
    instance.stop()
    assert [process.cmdline() for process in instance.family()] == []
    second = instance.start()
    other = Instance(tmp_path / "other")
    other.start()
    assert instance.answers()
    assert instance.manage("issue_api_key", "demo@kapture.local") != key
    other.stop()
    began = time.monotonic()
    instance.stop()
    print(f"first start {first:.1f} s, second {second:.1f} s, stop {time.monotonic() - began:.1f} s")  # noqa: T201
    assert [process.cmdline() for process in [*instance.family(), *other.family()]] == []
    assert not (instance.home / "instance.json").exists()
