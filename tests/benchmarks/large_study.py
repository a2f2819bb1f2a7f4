"""What a study of many trials costs beside its trials: to plan, to start, to hand out and keep them, and its status.

    python -m tests.benchmarks.large_study [--trials 10000,100000]

Nothing is trained: the trials of a grid (points x 10 seeds) are taken from the supply as a launch would, and given back
as records of the size of real ones. Each line is a process of its own: processor seconds, and the peak of its memory
above what it held when everything was imported. The files are in the system's cache when they are read.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from study.folder import Arm, Folder
from study.plan import Planned
from study.record import Record
from tests.benchmarks.large_frame import one
from tests.study.fabricate import arm, question

ROOT = Path(__file__).resolve().parents[2]

STEPS = {
    "plan of nothing done": "n = len(plan(arms, {}).ready)",
    "every trial handed out, put, shown": """
supply = Supply(Folder(folder), arms, Launch(), Progress(out=open(os.devnull, "w")))
supply.progress.start(supply)
rng, n = random.Random(0), 0
while planned := supply.next():
    supply.done(record_of(planned, rng))
    n += 1
Folder(folder).store.write_index()
""",
    "start of a resume: ledger read, planned": """
supply = Supply(Folder(folder), arms, Launch())
n = len(supply.plan().done)
""",
    "status": """
sys.stdout = open(os.devnull, "w")
main(["status", folder])
sys.stdout = sys.__stdout__
n = 0
""",
}

CODE = """
import json, os, random, resource, sys, time
import numpy, pyarrow.parquet
from run_study import main
from study.folder import Folder
from study.launch.options import Launch
from study.launch.progress import Progress
from study.launch.supply import Supply
from study.plan import plan
from tests.benchmarks.large_study import arms_of, record_of
folder, trials = sys.argv[1], int(sys.argv[2])
arms = arms_of(folder, trials)
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before, started, cpu = peak(), time.perf_counter(), time.process_time()
{}
print(json.dumps([time.perf_counter() - started, time.process_time() - cpu, peak() - before, n]))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", default="10000,100000")
    arguments = parser.parse_args()
    for trials in map(int, arguments.trials.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            for name, code in STEPS.items():
                command = [sys.executable, "-c", CODE.replace("{}", code), folder, str(trials)]
                done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
                if done.returncode:
                    raise SystemExit(done.stderr)
                wall, cpu, memory, count = json.loads(done.stdout.splitlines()[-1])
                print(
                    f"{trials:,} trials, {name}: {cpu:.1f} s ({wall:.1f} s on the clock), {memory:.0f} MiB; {count:,}"
                )


def arms_of(folder: str, trials: int) -> list[Arm]:
    """The study's one arm, written to the folder: a grid of two settings, ten seeds."""
    decays = tuple(index / 1e6 for index in range(trials // 20))
    asked = question(
        factors={"frozen_layers": (0, 2), "weight_decay": decays},
        tuned={},
        fixed={"epochs": 2, "learning_rate": 1e-4},
        seeds=tuple(range(10)),
    )
    if not Folder(folder).question():
        Folder(folder).write([arm(asked)])
    return Folder(folder).arms()


def record_of(planned: Planned, rng: random.Random) -> Record:
    """A finished record of the size of a real one."""
    trial = planned.trial
    made = one(trial.key, planned.phase, {"frozen_layers": 0, **trial.setting}, trial.seed, rng)
    return replace(made, model=trial.model, data=trial.data, setting=trial.setting)


if __name__ == "__main__":
    main()
