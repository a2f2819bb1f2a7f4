"""Adapters read and change what the papers say, in every architecture, and are refused where that is unknown."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from study.ask import Request, ask
from study.assembly import assemble
from study.data import DataOptions
from study.errors import InputError
from study.models.architectures import ARCHITECTURES
from study.models.loading import find_model
from study.models.parts import parts
from study.question import choice
from study.question_problems import method_problems
from study.surgery.sublayers import SUBLAYERS
from tests.architectures import WIDTH, small_architecture
from tests.study.fabricate import question
from tests.study.surgery.adapted import BATCH, LENGTH, adapted, adapters, by_hand, close, strong, texts

_BERT = ("attention.output.LayerNorm", "output.LayerNorm")


SUMS = {
    "mpnet": ("attention.LayerNorm", "output.LayerNorm"),
    "distilbert": ("sa_layer_norm", "output_layer_norm"),
    "albert": ("attention.LayerNorm", "full_layer_layer_norm"),
    "modernbert": ("mlp_norm", None),
    "gpt2": ("ln_2", None),
    "xlnet": ("rel_attn.layer_norm", "ff.layer_norm"),
}
"""Inside a layer: what the sums after the attention and after the feed-forward go into; None: they go out."""


pytestmark = pytest.mark.usefixtures("one_thread")


def first_layer(network, kind):
    block = parts(network).blocks[0]
    return block.albert_layers[0] if kind == "albert" else block


def seen(network, kind, batch) -> dict[str, torch.Tensor]:
    """Of the first layer at its first pass: its input, the sums after both sublayers, what becomes of them."""
    found: dict[str, torch.Tensor] = {}

    def note(name, tensor):
        found.setdefault(name, tensor[0] if isinstance(tensor, tuple) else tensor)

    layer = first_layer(network, kind)
    after_attention, after_both = SUMS.get(kind, _BERT)
    norm = layer.get_submodule(after_attention)
    handles = [
        layer.register_forward_pre_hook(lambda _m, args: note("input", args)),
        norm.register_forward_pre_hook(lambda _m, args: note("first", args)),
        norm.register_forward_hook(lambda _m, _a, output: note("normed", output)),
        layer.register_forward_hook(lambda _m, _a, output: note("output", output)),
    ]
    if after_both:
        last = layer.get_submodule(after_both)
        handles.append(last.register_forward_pre_hook(lambda _m, args: note("second", args)))
    with torch.no_grad():
        network(**batch)
    for handle in handles:
        handle.remove()
    found.setdefault("second", found["output"])
    return found


def test_every_architecture_has_its_sublayers():
    assert set(SUBLAYERS) == set(ARCHITECTURES)


@pytest.mark.parametrize("name", ["attention", "feed_forward"])
def test_houlsby_is_added_to_a_sublayers_output_before_the_skip(network, kind, batch, name):
    plain = seen(network, kind, batch)
    changed = adapted(network, **{"adapter.init_scale": 0.0})
    adapter = first_layer(changed, kind).adapters[name]
    strong(adapter)
    after = seen(changed, kind, batch)
    if name == "attention":
        skip, place = plain["input"], "first"
    else:
        skip, place = plain["first" if SUMS.get(kind, _BERT)[1] is None else "normed"], "second"
    output = plain[place] - skip
    change = by_hand(adapter, output, functional.gelu)
    assert change.abs().max() > 0.1
    assert close(after[place], skip + output + change)


def test_pfeiffer_follows_the_layer_between_two_uses_of_its_norm(network, kind, batch):
    plain = seen(network, kind, batch)
    changed = adapted(network, "pfeiffer")
    layer = first_layer(changed, kind)
    assert set(layer.adapters) == {"feed_forward"}
    adapter = layer.adapters["feed_forward"]
    strong(adapter)
    total = plain["second"]
    path = SUMS.get(kind, _BERT)[1]
    if path is None:
        expected = total + by_hand(adapter, total, functional.relu)
    else:
        norm = layer.get_submodule(path)

        def normed(x):
            return functional.layer_norm(x, (WIDTH,), norm.weight, norm.bias, norm.eps)

        assert close(plain["output"], normed(total))
        expected = normed(total + by_hand(adapter, normed(total), functional.relu))
    assert not close(plain["output"], expected)
    assert close(seen(changed, kind, batch)["output"], expected)


@pytest.mark.parametrize("length", [LENGTH, WIDTH])  # as long as wide, where shapes tell least
@pytest.mark.parametrize("style", ["houlsby", "pfeiffer"])
def test_every_adapter_reads_every_hidden_state_once_in_each_pass(network, kind, style, length):
    changed = adapted(network, style)
    shapes = []
    for adapter in adapters(changed).values():
        adapter.register_forward_pre_hook(lambda _m, args: shapes.append(tuple(args[0].shape)))
    changed(**texts(length))
    per_layer = 2 if style == "houlsby" else 1
    # ALBERT's two groups of two layers are passed twice each.
    assert len(adapters(changed)) == per_layer * (4 if kind == "albert" else 3)
    expected = (length, BATCH, WIDTH) if kind == "xlnet" else (BATCH, length, WIDTH)
    assert shapes == [expected] * per_layer * (8 if kind == "albert" else 3)


def test_houlsby_reads_a_sublayers_output_after_its_dropout(network, kind, batch):
    changed = adapted(network)
    dropped = {}
    for name, adapter in first_layer(changed, kind).adapters.items():
        adapter.register_forward_pre_hook(lambda _m, args, name=name: dropped.update({name: not args[0].all()}))
    changed.train()(**batch)
    without = {"distilbert": "attention", "albert": "feed_forward", "modernbert": "feed_forward"}.get(kind)
    assert dropped == {name: name != without for name in ("attention", "feed_forward")}


def test_an_unknown_architecture_is_told_when_asked_and_at_surgery(make_trial, monkeypatch, model_folder, data_folder):
    monkeypatch.delitem(SUBLAYERS, "bert")
    asked = question(factors={"adapter.width": (0, 8)}, baseline={"adapter.width": 0}, tuned={})
    with pytest.raises(InputError, match=r"'bert' has no row in study/surgery/sublayers\.py.*Sublayers.*distilbert"):
        ask(Request(asked, str(model_folder), DataOptions(str(data_folder))))
    trial, context = make_trial(**{"adapter.width": 4})
    with pytest.raises(InputError, match="'bert' has no row"):
        assemble(trial, context, lambda trainer, scores: None)


def test_with_every_block_frozen_there_is_no_place(model_folder, make_trial):
    model = find_model(str(model_folder))
    fixed = {"adapter.width": 8}
    asked = question(factors={"frozen_layers": (0, 3)}, baseline={"frozen_layers": 0}, tuned={}, fixed=fixed)
    (said,) = method_problems(asked, model)
    assert said.endswith("give --set frozen_layers values below 3.")
    assert method_problems(replace(asked, factors={"frozen_layers": (0, 2)}), model) == []
    assert method_problems(replace(asked, fixed={}), model) == []
    (tuned,) = method_problems(question(factors={}, tuned={"frozen_layers": choice(1, 3)}, fixed=fixed), model)
    assert tuned == said
    trial, context = make_trial(**{"adapter.width": 4, "frozen_layers": 3})
    with pytest.raises(InputError, match="leaves none of the 3 blocks for adapters"):
        assemble(trial, context, lambda trainer, scores: None)


def test_houlsby_is_refused_where_xlnets_dropouts_cannot_be_told_apart(tmp_path):
    model = find_model(str(small_architecture("xlnet", tmp_path / "xlnet", d_inner=WIDTH)))
    asked = question(factors={}, tuned={}, fixed={"adapter.width": 8, "adapter.style": "houlsby"})
    (said,) = method_problems(asked, model)
    assert said.endswith("Give --set adapter.style=pfeiffer.")
    assert method_problems(replace(asked, fixed={"adapter.width": 8}), model) == []
