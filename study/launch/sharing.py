"""Sharing: how a study shares out a machine's cores and GPUs among its trials; measured once, kept with the study."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from study.estimate import characters, estimate
from study.launch.pace import Way, fastest, measured, ways
from study.launch.packing import Busy, Packing, memory_of_gpus
from study.provenance import hardware

if TYPE_CHECKING:
    from study.folder import Arm, Folder
    from study.launch.options import Launch
    from study.launch.supply import Supply

FILE = "profile.json"
"""In the study's folder: how each machine that worked on it was shared out, and the tokens per second it rests on."""

_WORTH = 15.0
"""Minutes that a study has to take, by an estimate that is rather too high, for the measurement to pay. It takes some
20 seconds: Ray makes no worker of a trial out of one that served a task, so those that measure are its own."""

_IMPORTS = 2**30
"""Bytes that a worker holds beside its model: Python, torch, transformers."""

_COPIES = 4
"""Copies of the weights in training: themselves, their gradient, Adam's two means. Activations are left to chance."""


def shared_out(supply: Supply, cores: int, start: Callable[..., list[Any]]) -> Launch:
    """The supply's options with the number of workers, and of threads of each, that is fastest on this machine.

    What the user said stands; then what this study's folder keeps of this machine; then the threads of the records it
    has from here, since another number of threads computes with other rounding. Only where there is nothing, and the
    study is long enough to gain by it, is it measured: on so many free ``cores``, by ``start`` (see ``pace.measured``).
    """
    options = supply.options
    if _said(options):
        return options
    way = _kept(supply.folder) or _recorded(supply, options) or _measured(supply, options, cores, start)
    return _given(options, way) if way else options


def packed(supply: Supply, cores: int) -> Packing | None:
    """How the supply's trials share a GPU, which the first of them will tell unless the study's folder does.

    None, and so a whole GPU or the share that the user gave for each, where nothing is to be measured or can be.
    """
    options = supply.options
    if options.device != "cuda" or options.gpus_per_trial is not None or options.address:
        return None
    total = memory_of_gpus()
    if total is None:
        _say(supply, "each trial has a GPU to itself, since nvidia-smi does not tell its memory; see --gpus-per-trial")
        return None
    found = Packing(total, max(1, cores // options.threads), Busy())
    if stored := (supply.folder.store.get_json(FILE) or {}).get(found.gpu):
        found.told(stored)
    return found


def keep(folder: Folder, name: str, stored: Mapping[str, Any]) -> None:
    """Keep with the study how this machine, or its GPU, was shared out."""
    folder.store.put_json(FILE, {**(folder.store.get_json(FILE) or {}), name: stored})


def remembered(folder: Folder, options: Launch) -> Launch:
    """The options as a study that was measured on this machine before will be carried out."""
    way = None if _said(options) else _kept(folder)
    return _given(options, way) if way else options


def _said(options: Launch) -> bool:
    """Whether there is nothing to choose here: the user did, or the cores are another machine's, or a GPU computes."""
    return bool(options.cpus_per_trial or options.in_process or options.device != "cpu" or options.address)


def _given(options: Launch, way: Way) -> Launch:
    workers = min(way.workers, options.max_concurrent or way.workers)
    return replace(options, cpus_per_trial=way.threads, max_concurrent=workers)


def _kept(folder: Folder) -> Way | None:
    """The way this study has been carried out on this machine, if that was measured."""
    stored = (folder.store.get_json(FILE) or {}).get(_machine())
    return Way(stored["workers"], stored["threads"]) if stored else None


def _machine() -> str:
    here = hardware("cpu")
    return f"{here['cpu']}, {here['cores']} cores"


def _recorded(supply: Supply, options: Launch) -> Way | None:
    """As many threads as the study's records from such a machine had; None where there are none."""
    here = hardware("cpu")
    for record in islice(supply.records.values(), 100):
        threads = re.match(r"cpu, (\d+) thread", record.provenance.get("profile", ""))
        if threads and record.provenance.get("hardware") == here:
            return Way(options.max_concurrent or max(1, (os.cpu_count() or 1) // int(threads[1])), int(threads[1]))
    return None


def _measured(supply: Supply, options: Launch, cores: int, start: Callable[..., list[Any]]) -> Way | None:
    """The fastest way, by training for a moment; None where that is not worth it or did not work, which is said."""
    plan = supply.plan()
    texts = [characters(supply.folder, arm) for arm in supply.arms]
    long = estimate(supply.arms, plan, supply.records, options, texts)
    missing = len(plan.ready) + plan.undecided
    if not plan.ready or long.minutes < _WORTH:
        return None
    first = plan.ready[0]
    most = min(missing, _fitting(supply.arms[first.arm]), options.max_concurrent or missing)
    tried = ways(cores, most) if cores else []
    if len(tried) < 2:
        return None
    try:
        rates = measured(first, supply.context(first), tried, start)
    except Exception as error:
        # Whatever is wrong with this trial, its record will say; here it only leaves the cores shared out by rule.
        _say(supply, f"workers and threads by rule, since measuring them failed: {str(error).splitlines()[0][:160]}")
        return None
    way = fastest(rates, missing)
    told = ", ".join(f"{tokens:,.0f} by {one}" for one, tokens in rates.items())
    _say(supply, f"workers x threads: {way}, since tokens per second are {told}")
    rows = {str(one): round(tokens, 1) for one, tokens in rates.items()}
    keep(supply.folder, _machine(), {"workers": way.workers, "threads": way.threads, "tokens_per_second": rows})
    return way


def _say(supply: Supply, text: str) -> None:
    if supply.progress:
        supply.progress.say(text)


def _fitting(arm: Arm) -> int:
    """How many workers' weights fit into the memory that is free now."""
    from study.models.loading import find_model

    folder = Path(find_model(arm.model_at).path)
    weights = sum(f.stat().st_size for f in folder.iterdir() if f.suffix in (".safetensors", ".bin"))
    return max(1, int(_free() // (_IMPORTS + _COPIES * weights)))


def _free() -> int:
    """Bytes of memory that can be had."""
    try:
        rows = dict(line.split(":") for line in Path("/proc/meminfo").read_text(encoding="utf-8").splitlines())
        return int(rows["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
