"""Studies of a private model and private data of the Hub, from the command line: and the token is nowhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.hub_server import Fault, Hub, Repository, hub_server
from tests.small import small_data

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
SECRET = "SwordfishSwordfishSwordfishSwordfish"
TOKEN = f"hf_{SECRET}"
SMALL = ("--in-process", "--cpus-per-trial", "1", "--seeds", "1", "--epochs", "1", "--set", "learning_rate=1e-3")


@dataclass
class Shell:
    """A command line with an empty home and working folder, whose Hub is the one on this machine."""

    hub: Hub
    model: Repository
    data: Repository
    folder: Path

    def __call__(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """What ``python run_study.py ARGUMENTS`` leaves; its status, its two outputs."""
        hidden = ("HF_", "HUGGING", "TRANSFORMERS_", "TQDM_", "DATASETS_")
        env = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        env |= {"HF_ENDPOINT": self.hub.url, "HF_HOME": str(self.folder / "home"), "HF_TOKEN": TOKEN, **environment}
        return subprocess.run(
            [sys.executable, str(ROOT / "run_study.py"), *arguments],
            env={name: value for name, value in env.items() if value},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def run(self, frozen: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """A study of the private model and data, with a trial for each number of frozen layers."""
        named = ("--model", "lab/tiny", "--data", "lab/moods", "--set", f"frozen_layers={frozen}")
        return self("run", "frozen_layers", *named, *SMALL, *arguments, **environment)


@pytest.fixture
def shell(model_folder: Path, tmp_path: Path) -> Iterator[Shell]:
    """Both repositories are private, and the token may read them."""
    with hub_server() as hub:
        hub.tokens.add(TOKEN)
        model = hub.add("model", "lab/tiny", model_folder)
        data = hub.add("dataset", "lab/moods", small_data(tmp_path / "made", train=16, evaluation=8))
        model.token = data.token = TOKEN
        (tmp_path / "work").mkdir()
        yield Shell(hub, model, data, tmp_path / "work")


def leaks(folder: Path, *outputs: str) -> list[str]:
    """Where the token, or a part of it, can be read: files, their names, outputs."""
    found = [str(path) for path in folder.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    found += [str(path) for path in folder.rglob("*") if SECRET in path.name]
    return found + [output for output in outputs if SECRET in output]


def test_a_private_study_is_run_and_enlarged_without_network(shell: Shell) -> None:
    done = shell.run("1")
    assert done.returncode == 0, done.stderr
    assert "Fetching" not in done.stderr, "bars are the library's; without --verbose they are not shown"
    assert "warn" not in done.stderr.lower()
    assert any(authorised for _, _, authorised in shell.hub.asked)
    told = (shell.folder / "results" / "frozen_layers" / "study.json").read_text()
    assert shell.model.refs["main"] in told, "the commit is written down"
    assert shell.data.refs["main"] in told

    loud = shell.run("1", "--verbose")
    assert loud.returncode == 0, loud.stderr
    assert "Fetching" in loud.stderr
    assert leaks(shell.folder, done.stdout, done.stderr, loud.stdout, loud.stderr) == []

    asked = len(shell.hub.asked)
    more = shell.run("0,1", HF_HUB_OFFLINE="1", HF_TOKEN="")
    assert more.returncode == 0, more.stderr
    assert "2 trials planned, 1 done, 1 to run" in more.stderr
    assert "Hub cache, lab/moods at revision" in more.stderr
    assert len(shell.hub.asked) == asked

    (key,) = {p.stem for p in (shell.folder / "results/frozen_layers/records").iterdir() if _frozen(p) == 1}
    again = shell("rerun", "results/frozen_layers", key)
    assert again.returncode == 0, again.stderr
    of_ours = [path for _, path, _ in shell.hub.asked[asked:] if "lab/" in path]
    assert of_ours == [], "a pinned commit in the cache is not asked of the Hub"
    assert leaks(shell.folder, again.stdout, again.stderr) == []


def _frozen(record: Path) -> int:
    return json.loads(record.read_text())["setting"].get("frozen_layers", 0)


def test_wrong_rights_are_all_told_at_once_and_leave_nothing(shell: Shell) -> None:
    done = shell.run("1", HF_TOKEN=f"{TOKEN}wrong")
    assert done.returncode == 2
    assert "model 'lab/tiny'" in done.stderr
    assert "data set 'lab/moods'" in done.stderr
    assert done.stderr.count("does not accept the token it was sent (401)") == 2
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert leaks(shell.folder, done.stdout, done.stderr) == []
    assert list((shell.folder / "results").rglob("*.json")) == []


def test_a_fault_and_a_password_in_a_url(shell: Shell) -> None:
    shell.data.faults.append(Fault(100, "", 500))
    url = f"https://me:{TOKEN}@huggingface.co/lab/tiny"
    done = shell("run", "frozen_layers", "--model", url, "--data", "lab/moods", *SMALL, "--verbose")
    assert done.returncode == 2
    assert "is a URL" in done.stderr
    assert "the Hub has a fault of its own (500)" in done.stderr
    assert "Traceback" not in done.stderr
    assert leaks(shell.folder, done.stdout, done.stderr) == []
