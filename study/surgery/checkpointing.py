"""Gradient checkpointing: a block's activations are computed again in the backward pass instead of kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

    from study.models.loading import Model


def install_checkpointing(model: nn.Module, **how: Any) -> None:
    """Have every block keep only its input while the model trains (Chen et al. 2016, arXiv 1604.06174).

    The gradients are the same: dropout draws its masks again from the state that the generator had. Blocks that are
    frozen keep nothing anyway, and are computed once. ``how`` are further options of ``torch.utils.checkpoint``.

    Raises ValueError for a network that cannot (see ``checkpointing_problem``, which says so when a study is asked).
    """
    network: Any = model.base_model  # which an embedder has too
    # Non-reentrant: the other kind gives no gradient to a block whose input needs none. The name is older before 5.23.
    enable = getattr(network, "activation_checkpointing_enable", None) or network.gradient_checkpointing_enable
    enable({"use_reentrant": False, **how})
    # transformers makes the embeddings' output require a gradient, for the reentrant kind; with frozen blocks the
    # backward pass would go through all of them to an end that nobody uses.
    network.disable_input_require_grads()


def checkpointing_problem(model: Model) -> str | None:
    """A sentence about why this model cannot, or None; reads its configuration only."""
    from transformers import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING, AutoConfig

    config = AutoConfig.from_pretrained(model.path, trust_remote_code=False)
    kind: Any = MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING[type(config)]
    if kind.supports_gradient_checkpointing:
        return None
    return (
        f"--model {model.ref.name}: gradient_checkpointing=True: transformers cannot recompute the activations of the "
        f"architecture {config.model_type!r}. Leave it out; a smaller micro_batch or max_length also saves memory."
    )
