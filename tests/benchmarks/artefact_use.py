"""What a finished study's shared artefacts took and brought: tokens and the outputs of frozen blocks.

    python -m tests.benchmarks.artefact_use FOLDER

Bytes on disk; how many splits were read by trials and how many of those had to be built (an artefact is built once, so
the rest are hits); seconds it took trials that built, against those that only read. A study carried out without
interruption tells most: `prefix_seconds` is what each trial's record has.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from statistics import median

from study.artefacts import size_of
from study.folder import Folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    folder = Folder(parser.parse_args().folder)
    records = list(folder.store.records().values())
    kept = [path for path in folder.cache.iterdir() if path.is_dir()]
    for kind in ("tokens", "prefix"):
        mine = [path for path in kept if path.name.startswith(kind)]
        print(f"{kind}: {sum(map(size_of, mine)) / 1e6:.1f} MB in {len(mine)} artefacts")
    by_depth: dict[int, list[float]] = defaultdict(list)
    reads = 0
    for record in records:
        if "prefix_seconds" in record.costs:
            by_depth[int(record.setting["frozen_layers"])].append(record.costs["prefix_seconds"])
            reads += 3 if record.phase == "compare" else 2  # the test split only where trials are compared
    built = sum(path.name.startswith("prefix") for path in kept)
    if reads:
        print(
            f"states of {reads} splits read by {len(records)} trials, {built} built: hit rate {1 - built / reads:.0%}"
        )
    for depth, seconds in sorted(by_depth.items()):
        longest, *rest = sorted(seconds, reverse=True)
        found = f", {median(rest):.2f} to find them" if rest else ""
        print(f"{depth} blocks frozen: {longest:.1f} s to build{found}")


if __name__ == "__main__":
    main()
