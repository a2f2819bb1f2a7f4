"""What every method promises. A method without a row in the table fails."""

from __future__ import annotations

import hashlib
import itertools

import pytest

from study.assembly import assemble
from study.errors import InputError
from study.methods import METHODS, active_methods, conflicts
from study.settings import resolve
from study.trial import carry_out
from tests.study.methods.settings_table import OFF, ON

EITHER = [("linear_probe", "setfit")]
"""Pairs that no setting can ask for: both are values of ``method``."""

PAIRS = [pair for pair in itertools.combinations(METHODS, 2) if pair not in EITHER]

UNDRAWN = ("linear_probe",)
"""Methods in which nothing is drawn: every seed gives the same model from the same examples."""


def weights(make_trial, seed=0, **setting) -> str:
    """A hash of every weight after training, and of the logits on the test split."""
    from study.training import fit

    trial, context = make_trial(seed=seed, **setting)
    import torch

    torch.set_num_threads(1)
    trainer = assemble(trial, context, lambda trainer, scores: None)
    fit(trainer)
    digest = hashlib.sha256(trainer.logits("test").tobytes())
    for name, tensor in sorted(trainer.network.state_dict().items()):
        digest.update(name.encode() + tensor.numpy().tobytes())
    return digest.hexdigest()


@pytest.fixture(scope="module")
def plain(make_trial) -> str:
    return weights(make_trial)


def test_every_method_has_a_row():
    assert set(ON) == set(OFF) == set(METHODS)


@pytest.mark.parametrize("name", METHODS)
def test_at_zero_strength_it_is_the_identity_bit_for_bit(name, make_trial, plain):
    assert weights(make_trial, **OFF[name]) == plain


@pytest.mark.parametrize("name", METHODS)
def test_turned_on_it_changes_the_key_and_turned_off_it_does_not(name, make_trial):
    assert make_trial(**ON[name])[0].key != make_trial()[0].key
    assert make_trial(**OFF[name])[0].key == make_trial()[0].key


@pytest.mark.parametrize("name", METHODS)
def test_same_seed_same_weights_and_other_seed_other_weights(name, make_trial, plain):
    once = weights(make_trial, **ON[name])
    assert weights(make_trial, **ON[name]) == once
    assert (weights(make_trial, seed=1, **ON[name]) == once) == (name in UNDRAWN)


@pytest.mark.parametrize("pair", PAIRS, ids="+".join)
def test_every_pair_composes_or_names_both(pair, make_trial):
    setting = ON[pair[0]] | ON[pair[1]]
    found = conflicts(resolve(setting))
    if found:
        assert all(name in found[0] for name in pair)
        return
    trial, context = make_trial(**setting)
    assert {m.name for m in active_methods(trial.setting)} == set(pair)
    assert carry_out(trial, context).status == "finished"


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_it_says_what_it_cannot_do(method):
    names = ("body", "model", "callbacks", "data", "loss", "training_step", "fit", "parameter_groups")
    hooks = [getattr(method, name) for name in names]
    assert any("Limits:" in (hook.__doc__ or "") for hook in hooks if hook)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_its_knobs_have_valid_defaults_and_help(method):
    for name, knob in method.knobs.items():
        assert knob.help
        assert knob.problem(name, knob.default) is None
        assert knob.identity is None or knob.problem(name, knob.identity) is None


def test_pooling_is_refused_where_there_is_no_pooler(make_trial):
    from torch import nn

    from study.models.parts import Parts
    from study.surgery.pooling import install_pooling

    with pytest.raises(InputError, match="no pooler to replace"):
        install_pooling(nn.Module(), Parts(nn.Module(), nn.Module(), ()), "mean")
