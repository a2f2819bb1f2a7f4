"""On Ray: the same trials on Ray Tune's workers. The only module that builds a Tuner."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from study.launch.cluster import cluster
from study.launch.handover import ledger, searcher
from study.launch.options import Launch
from study.launch.packing import Packing
from study.launch.schedulers import scheduler_of
from study.launch.sharing import packed, shared_out
from study.launch.supply import Supply, context
from study.launch.tracking import trackers
from study.launch.worker import trainable


def run(supply: Supply, options: Launch) -> None:
    """Run what the supply gives on a Ray cluster: this machine's, one that is initialised already, or ``address``."""
    while True:
        with cluster(options) as ray, _folder_of_ray() as storage:
            supply.options = options = shared_out(supply, _free_cores(ray), partial(_at_once, ray))
            supply.packing = packed(supply, int(ray.cluster_resources().get("CPU", 1)))
            supply.slots = _slots(ray, options, supply.packing)
            # Tune asks a searcher for one trial at a time and waits until it runs; workers would start one by one.
            os.environ["TUNE_MAX_PENDING_TRIALS_PG"] = str(supply.slots)
            try:
                if not _fitted(supply, options, storage, ray):
                    continue
            finally:
                if supply.packing:
                    supply.packing.close()
            if supply.stopping:
                raise KeyboardInterrupt
            return


def _free_cores(ray: Any) -> int:
    """The cores that nobody else uses of a cluster of one machine; of one of several none count, being all unlike."""
    return int(ray.available_resources().get("CPU", 0)) if len(ray.nodes()) == 1 else 0


def _at_once(ray: Any, function: Callable[..., Any], arguments: Sequence[tuple]) -> list[Any]:
    """What the function returns for each of these arguments, called at the same time on as many workers."""
    remote = ray.remote(num_cpus=1, max_retries=0)(function)
    return ray.get([remote.remote(*some) for some in arguments])


def _fitted(supply: Supply, options: Launch, storage: str, ray: Any) -> bool:
    """Whether Tune came to its end; False where Ray killed workers to free memory, which ends Tune itself."""
    try:
        _fit(supply, options, storage)
    except RuntimeError as error:
        if not isinstance(error.__cause__, ray.exceptions.RayError):
            raise
        for key in list(supply.pending):
            supply.drop(key, "its worker was killed to free memory")
        supply.measuring = False
        return False
    return True


def _fit(supply: Supply, options: Launch, storage: str) -> None:
    from ray import tune

    arms = {number: context(supply.folder, arm, "", options) for number, arm in enumerate(supply.arms)}
    files = {file for where in arms.values() for file in (where.texts, where.corpus) if file}
    texts = {file: file.read_bytes() for file in sorted(files)}
    body = tune.with_parameters(trainable, contexts=arms, texts=texts)
    tuner = tune.Tuner(
        tune.with_resources(body, partial(_resources, options)),
        tune_config=tune.TuneConfig(
            search_alg=searcher(supply),
            scheduler=scheduler_of([arm.question for arm in supply.arms], supply.records.values()),
            num_samples=-1,
            reuse_actors=True,
            max_concurrent_trials=options.max_concurrent,
            trial_dirname_creator=lambda trial: trial.trial_id,
        ),
        run_config=tune.RunConfig(
            name="study",
            storage_path=storage,
            callbacks=[ledger(supply), *trackers(supply, options.log_to)],
            # Not Tune's retries: it grants none to a trial whose worker died before it began, while being reused.
            failure_config=tune.FailureConfig(max_failures=0),
            verbose=2 if options.verbose else 0,
        ),
    )
    tuner.fit()
    if supply.pending or supply.measuring:
        # fit() returns early only when it was interrupted: Tune turns Ctrl-C into an orderly end.
        supply.stopping = True


def _resources(options: Launch, config: Mapping[str, Any]) -> Any:
    """What a trial of this configuration takes of the cluster."""
    from ray.tune import PlacementGroupFactory

    gpus = config.get("gpus", options.gpus)
    return PlacementGroupFactory([{"CPU": options.threads, **({"GPU": gpus} if gpus else {})}])


@contextmanager
def _folder_of_ray() -> Iterator[str]:
    """A folder for Ray's own bookkeeping, which is disposable: the ledger is the truth."""
    folder = tempfile.mkdtemp(prefix="finetune-study-ray-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _slots(ray: Any, options: Launch, packing: Packing | None) -> int:
    """How many trials run at the same time, or may when it is known how many share a GPU."""
    have: Mapping[str, float] = ray.cluster_resources()
    by_cpu = int(have.get("CPU", 1) // options.threads)
    if packing:
        return max(1, min(by_cpu, options.max_concurrent or by_cpu))
    by_gpu = int(have.get("GPU", 0) / options.gpus) if options.gpus else by_cpu
    return max(1, min(by_cpu, by_gpu, options.max_concurrent or by_cpu))
