"""Where the embeddings, the blocks and the head of a loaded model are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from study.models.architectures import Architecture, Reads, architecture

if TYPE_CHECKING:
    from torch import nn

    Part = nn.Module | nn.Parameter


@dataclass(frozen=True)
class Parts:
    """The body of a model, and inside it the embeddings and the blocks from bottom to top.

    ``after_first``, ``both_ends`` and ``reads`` are what ``Architecture`` says of them.
    """

    body: nn.Module
    embeddings: tuple[Part, ...]
    blocks: tuple[nn.Module, ...]
    after_first: tuple[nn.Module, ...] = ()
    both_ends: tuple[nn.Module, ...] = ()
    reads: Reads | None = None

    def prefix(self, count: int) -> tuple[Part, ...]:
        """The embeddings and the first ``count`` blocks, with what is applied between the first and the second."""
        return (*self.embeddings, *self.blocks[:count], *(self.after_first if count else ()))


def parts(model: nn.Module) -> Parts:
    """Where things are in a loaded classification model; its row is looked up once (see ``loading.load``)."""
    network: Any = model
    row: Architecture | None = getattr(network, "architecture_row", None)
    return parts_by(network, row or architecture(network.config))


def parts_by(network: Any, row: Architecture) -> Parts:
    """The same by this row."""
    body = network.base_model
    return Parts(
        body,
        _present(body, row.embeddings),
        tuple(body.get_submodule(row.blocks)),
        _present(body, row.after_first),
        _present(body, row.both_ends),
        row.reads,
    )


def _present(body: nn.Module, paths: tuple[str, ...]) -> tuple[Any, ...]:
    """What is at these paths; a configuration may do without some of them."""
    return tuple(found for path in paths if (found := _at(body, path)) is not None)


def _at(body: Any, path: str) -> Any:
    for name in path.split("."):
        body = getattr(body, name, None)
    return body


def parameters_of(part: Part) -> list[nn.Parameter]:
    """A module's parameters, or the parameter itself."""
    from torch import nn

    return [part] if isinstance(part, nn.Parameter) else list(part.parameters())
