"""An artefact is there whole or not at all, and is built once, whoever asks and whoever dies."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from study.artefacts import artefact, size_of

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
