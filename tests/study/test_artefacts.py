"""An artefact is there whole or not at all, and is built once, whoever asks and whoever dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from study.artefacts import artefact, evict, reading, size_of

ROOT = Path(__file__).parents[2]


def write(folder: Path) -> None:
    (folder / "a.txt").write_text("whole")


def names(root: Path) -> set[str]:
    return {path.name for path in root.iterdir() if not path.name.endswith(".lock")}


def test_what_was_built_is_under_its_name_and_nothing_else_is_left(tmp_path):
    path = artefact(tmp_path / "cache", "key", write)
    assert path == tmp_path / "cache" / "key"
    assert (path / "a.txt").read_text() == "whole"
    assert names(tmp_path / "cache") == {"key"}


def test_it_is_built_once(tmp_path):
    artefact(tmp_path, "key", write)
    assert artefact(tmp_path, "key", lambda folder: pytest.fail("built again")) == tmp_path / "key"


def test_a_deleted_artefact_is_built_again(tmp_path):
    (artefact(tmp_path, "key", write) / "a.txt").unlink()
    (tmp_path / "key").rmdir()
    assert (artefact(tmp_path, "key", write) / "a.txt").exists()


def test_while_it_is_built_it_is_not_under_its_name(tmp_path):
    seen = []

    def build(folder: Path) -> None:
        write(folder)
        seen.append((tmp_path / "key").exists())

    artefact(tmp_path, "key", build)
    assert seen == [False]


def test_an_exception_in_the_build_passes_through_and_leaves_nothing(tmp_path):
    def build(folder: Path) -> None:
        write(folder)
        raise ZeroDivisionError("in the build")

    with pytest.raises(ZeroDivisionError, match="in the build"):
        artefact(tmp_path, "key", build)
    assert names(tmp_path) == set()
    assert (artefact(tmp_path, "key", write) / "a.txt").exists()


def test_ctrl_c_in_the_build_leaves_nothing_either(tmp_path):
    def build(folder: Path) -> None:
        write(folder)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        artefact(tmp_path, "key", build)
    assert names(tmp_path) == set()


KILLED = """
import os, signal, sys
from pathlib import Path
from study.artefacts import artefact
def build(folder):
    (folder / "a.txt").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
artefact(Path(sys.argv[1]), "key", build)
"""


def test_a_killed_builder_leaves_nothing_under_the_name_and_the_next_one_cleans_up(tmp_path):
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT)
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "key").exists()
    (leftover,) = names(tmp_path)
    assert leftover.startswith("key.")
    assert (artefact(tmp_path, "key", write) / "a.txt").read_text() == "whole"
    assert names(tmp_path) == {"key"}


def test_the_leftovers_of_other_keys_are_not_touched(tmp_path):
    other = tmp_path / "key2.abcd1234.tmp"
    other.mkdir(parents=True)
    artefact(tmp_path, "key", write)
    assert other.is_dir()


BUILDER = """
import sys, time
from pathlib import Path
from study.artefacts import artefact
root = Path(sys.argv[1])
def build(folder):
    with open(root / "builds.log", "a") as log:
        log.write("built\\n")
    time.sleep(0.5)
    (folder / "a.txt").write_text("whole")
print("ready", flush=True)
sys.stdin.readline()
print((artefact(root, "key", build) / "a.txt").read_text())
"""


def test_two_processes_build_it_once_and_both_get_it(tmp_path):
    both = [
        subprocess.Popen(
            [sys.executable, "-c", BUILDER, str(tmp_path)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    assert [process.stdout.readline() for process in both] == ["ready\n", "ready\n"]
    for process in both:
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate(timeout=60)[0] for process in both] == ["whole\n", "whole\n"]
    assert (tmp_path / "builds.log").read_text() == "built\n"


def test_the_size_is_the_sum_of_the_files_at_any_depth(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "one").write_bytes(b"x" * 10)
    (tmp_path / "a" / "b" / "two").write_bytes(b"x" * 7)
    assert size_of(tmp_path) == 17
    assert size_of(tmp_path / "nothing") == 0


def test_a_resumable_builder_that_failed_hands_its_folder_to_the_next(tmp_path):
    def fail(folder: Path) -> None:
        write(folder)
        raise ZeroDivisionError

    def go_on(folder: Path) -> None:
        assert (folder / "a.txt").read_text() == "whole"
        (folder / "b.txt").write_text("more")

    with pytest.raises(ZeroDivisionError), reading(tmp_path, "key", fail, resumable=True):
        pass
    assert not (tmp_path / "key").exists()
    with reading(tmp_path, "key", go_on, resumable=True) as path:
        assert path == tmp_path / "key"
        assert {file.name for file in path.iterdir()} == {"a.txt", "b.txt"}
    assert names(tmp_path) == {"key"}
    with reading(tmp_path, "key", lambda folder: pytest.fail("built again"), resumable=True) as path:
        assert path.is_dir()


RESUMABLE = KILLED.replace("import artefact", "import reading").replace(
    'artefact(Path(sys.argv[1]), "key", build)',
    'with reading(Path(sys.argv[1]), "key", build, resumable=True): pass',
)


def test_so_does_one_that_was_killed(tmp_path):
    done = subprocess.run([sys.executable, "-c", RESUMABLE, str(tmp_path)], cwd=ROOT)
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "key").exists()
    seen = []
    with reading(tmp_path, "key", lambda folder: seen.append((folder / "a.txt").read_text()), resumable=True):
        assert seen == ["half"]


def filled(root: Path, key: str, size: int, age: int) -> Path:
    """An artefact of so many bytes, last read so many seconds ago."""
    path = artefact(root, key, lambda folder: (folder / "x").write_bytes(b"x" * size))
    os.utime(path, (time.time() - age,) * 2)
    return path


def test_the_least_recently_read_go_until_the_rest_is_within_the_limit(tmp_path):
    for key, age in (("body-a", 10), ("body-b", 40), ("body-c", 30), ("body-d", 20), ("tokens", 99)):
        filled(tmp_path, key, 10, age)
    with reading(tmp_path, "body-b", write):
        pass  # so it is the newest
    assert evict(tmp_path, "body-", 25) == ["body-c", "body-d"]
    assert names(tmp_path) == {"body-a", "body-b", "tokens"}
    assert evict(tmp_path, "body-", 25) == []


def test_what_is_being_read_stays_and_so_does_what_is_being_built(tmp_path):
    filled(tmp_path, "body-a", 10, 50)
    filled(tmp_path, "body-b", 10, 40)
    gone = []

    def build(folder: Path) -> None:
        (folder / "x").write_bytes(b"x" * 10)
        gone.extend(evict(tmp_path, "body-", 0))

    with reading(tmp_path, "body-a", write), reading(tmp_path, "body-c", build, resumable=True):
        assert gone == ["body-b"]
        assert evict(tmp_path, "body-", 0) == []
    assert names(tmp_path) == {"body-a", "body-c"}


def test_what_a_killed_builder_left_counts_and_goes_too(tmp_path):
    filled(tmp_path, "body-a", 10, 10)
    left = tmp_path / "body-b.partial"
    left.mkdir()
    (left / "x").write_bytes(b"x" * 100)
    os.utime(left, (time.time() - 20,) * 2)
    assert evict(tmp_path, "body-", 50) == ["body-b"]
    assert names(tmp_path) == {"body-a"}
