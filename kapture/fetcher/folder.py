"""The service's working folder, which holds nothing that outlives the process it belongs to."""

import shutil
from pathlib import Path


def clear(folder: Path) -> None:
    """Remove what an earlier process left in it: nobody can ask for that any more."""
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.iterdir():
        shutil.rmtree(leftover) if leftover.is_dir() and not leftover.is_symlink() else leftover.unlink()
