"""The language model of a checkpoint: its body with a head that says which token; whether it brought that head."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from study.models.loading import Model
from study.models.objectives import network_class
from study.seeding import seed_everything

if TYPE_CHECKING:
    import torch

HEAD_STREAM = "pre-training: a new head"


def language_model(found: Model, objective: str, seed: int) -> tuple[Any, bool]:
    """The network for this objective in fp32 on the CPU, and whether its head is new.

    A head counts as new where the checkpoint lacks any part of it. What lacks is drawn by a stream of the seed, always
    alike, and the head is tied to the embeddings (Press and Wolf 2017, arXiv 1608.05859) whatever the configuration
    says. A head that is nothing but the embeddings (GPT-2's) is never new.
    """
    import transformers

    kind = getattr(transformers, network_class(objective))
    how: dict[str, Any] = {"dtype": "float32", "output_loading_info": True, "trust_remote_code": False}
    seed_everything(seed, HEAD_STREAM)
    network, info = kind.from_pretrained(found.path, **how)
    outside = set(head_state(network))
    new = not outside.isdisjoint(info["missing_keys"])
    if new and network.get_output_embeddings().weight is not network.get_input_embeddings().weight:
        seed_everything(seed, HEAD_STREAM)
        network, _ = kind.from_pretrained(found.path, tie_word_embeddings=True, **how)
    network.config.use_cache = False  # what generating text would keep between tokens
    return network, new


def head_state(network: Any) -> dict[str, torch.Tensor]:
    """Copies of the head's own parameters by name, those shared with the body left out."""
    body = {id(p) for p in network.base_model.parameters()}
    return {name: p.detach().cpu().clone() for name, p in network.named_parameters() if id(p) not in body}


def body_state(network: Any) -> dict[str, torch.Tensor]:
    """Copies of the body's tensors, by their names in the body."""
    return {name: tensor.detach().cpu().clone() for name, tensor in network.base_model.state_dict().items()}


def put(network: Any, body: dict[str, torch.Tensor] | None = None, head: dict[str, torch.Tensor] | None = None) -> Any:
    """The network with these tensors in it; ValueError for one that it does not have."""
    for module, tensors in ((network.base_model, body), (network, head)):
        if tensors is not None and module.load_state_dict(tensors, strict=False).unexpected_keys:
            raise ValueError("weights of another network")
    return network


def train_only_head(network: Any) -> None:
    """Freeze the body, with what it shares with the head, and give the head's own parameters a gradient."""
    network.requires_grad_(True)
    network.base_model.requires_grad_(False)
