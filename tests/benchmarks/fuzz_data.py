"""Damaged files, each through load_data in bounded time: ``python -m tests.benchmarks.fuzz_data [--seed 0]``.

Prints every distinct message with the case it was first said of. Ends with status 1 where a file raised anything but
InputError, took longer than 30 seconds, or made a library write to standard error.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path

from tests.benchmarks.damaged_files import cases

LIMIT = 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        load_all(given.seed)
        return
    command = [sys.executable, "-m", "tests.benchmarks.fuzz_data", "--child", "--seed", str(given.seed)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    told = [json.loads(line) for line in done.stdout.splitlines()]
    sys.exit(1 if report(told, done.returncode, done.stderr) else 0)


def load_all(seed: int) -> None:
    """Print a line of JSON before and after each case; a case that takes too long ends the process."""
    from study.data import DataOptions, load_data
    from study.errors import InputError

    for case in cases(seed):
        print(json.dumps({"begun": case.name}), flush=True)
        with tempfile.TemporaryDirectory() as folder:
            path = case.write(Path(folder))
            signal.alarm(LIMIT)
            try:
                load_data(DataOptions(str(path), **case.options))
                outcome, messages = "loaded", []
            except InputError as error:
                outcome, messages = "refused", [problem.replace(folder, "") for problem in error.problems]
            except Exception:
                outcome, messages = "failed", [traceback.format_exc()]
            signal.alarm(0)
        print(json.dumps({"case": case.name, "outcome": outcome, "messages": messages}), flush=True)


def report(told: list[dict], status: int, stderr: str) -> bool:
    """Whether anything went wrong, after saying all there is to say."""
    done = [line for line in told if "case" in line]
    shown = set()
    for line in done:
        for message in line["messages"]:
            kind = re.sub(r"'[^']*'|[\d,]+", "*", message)
            if kind not in shown:
                shown.add(kind)
                print(f"[{line['case']}] {message}\n")
    counts = Counter(line["outcome"] for line in done)
    print(f"{len(done)} files: {dict(counts)}; {len(shown)} different messages")
    if status:
        print(f"ended with status {status} at {told[-1].get('begun') if told else 'the start'}")
    if stderr:
        print(f"standard error:\n{stderr}")
    return bool(status or stderr or counts["failed"])


if __name__ == "__main__":
    main()
