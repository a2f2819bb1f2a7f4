"""Cluster: the Ray on which a study runs, one that is there already or one started for it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from study.errors import InputError
from study.launch.options import Launch
from study.silence import ENVIRONMENT

_ENVIRONMENT = {
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_STRICT_METRIC_CHECKING": "1",
    "TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S": "0",
    "TUNE_GLOBAL_CHECKPOINT_S": "86400",
}
"""What Ray and Tune read in this process."""

_ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def cluster(options: Launch) -> Iterator[Any]:
    """The module ``ray``, initialised: for this study unless it was already; only what was started is shut down."""
    silence = {} if options.verbose else ENVIRONMENT
    for name, value in (_ENVIRONMENT | {n: v for n, v in silence.items() if n.startswith("RAY")}).items():
        os.environ.setdefault(name, value)
    if options.address:
        _use_token()
    import ray  # now, because it reads the environment

    if ray.is_initialized():
        yield ray
        return
    if options.address:
        import study

        runtime: dict[str, Any] = {"py_modules": [study], "env_vars": {}}
        start: dict[str, Any] = {"address": options.address}
    else:
        paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        runtime = {"env_vars": {"PYTHONPATH": os.pathsep.join(paths)}}
        runtime["worker_process_setup_hook"] = "study.launch.worker.settle"  # while Tune gets ready
        start = {"address": "local", "include_dashboard": False}  # not whatever RAY_ADDRESS names
    runtime["env_vars"].update(silence)
    try:
        ray.init(
            **start,
            runtime_env=runtime,
            log_to_driver=options.verbose,
            logging_level=logging.INFO if options.verbose else logging.ERROR,
        )
    except ConnectionError as error:
        raise InputError(
            f"--address {options.address}: no Ray cluster lets us in there ({str(error).splitlines()[0]}). Check the "
            "address, and RAY_AUTH_MODE and the token where the cluster asks for one; or leave --address out."
        ) from None
    if not options.verbose:
        logging.getLogger("ray.tune").setLevel(logging.CRITICAL)
    try:
        yield ray
    finally:
        ray.shutdown()


def _use_token() -> None:
    """Offer Ray the token this user has, if any: a cluster asks for it, and a driver does not offer it by itself."""
    has_token = "RAY_AUTH_TOKEN" in os.environ or "RAY_AUTH_TOKEN_PATH" in os.environ
    if has_token or (Path.home() / ".ray" / "auth_token").exists():
        os.environ.setdefault("RAY_AUTH_MODE", "token")
