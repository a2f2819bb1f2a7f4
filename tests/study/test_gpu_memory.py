"""What training takes is counted without taking it, agrees with what it takes, and decides how a batch is computed."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from study import gpu_memory
from study.arguments import request
from study.ask import Request, ask, checkpointing_problems
from study.assembly import assemble, operated
from study.data import DataOptions
from study.dry_run import Bytes, Passes, dry_run, measured
from study.errors import InputError, Problems
from study.gpu_memory import budget, passes, total, within
from study.keywords import from_keywords
from study.micro_batches import evaluation_batch
from study.models.loading import DEFAULT_MODEL, find_model, load
from study.question import Question, choice
from study.settings import resolve
from study.surgery.checkpointing import checkpointing_problem
from study.tasks import TASKS
from study.training import fit
from tests.architectures import KINDS, small_architecture

MIB = 2**20
TASK = TASKS["classification"]
PLAIN = Passes(texts=4, evaluated=8, tokens=16, gpu=False)

UNABLE = ("albert", "mpnet", "xlnet")


def taken(model, passes, **setting) -> tuple[Bytes, Bytes]:
    """What is counted without memory, and in the real network."""
    complete = resolve(setting)
    network = operated(load(model, TASK.auto_class, ("a", "b")), complete, 0)
    return dry_run(model, "classification", complete, 2, passes), measured(network, TASK, passes)


@pytest.mark.parametrize("kind", KINDS)
def test_every_architecture_takes_what_was_counted_without_it(kind, tmp_path):
    model = find_model(str(small_architecture(kind, tmp_path / kind)))
    counted, real = taken(model, PLAIN)
    assert (counted.weights, counted.trained) == (real.weights, real.trained)
    assert (counted.saved, counted.training) == (real.saved, real.training)
    assert real.evaluation <= counted.evaluation <= 1.1 * real.evaluation


@pytest.mark.parametrize(
    "setting",
    [
        {"frozen_layers": 2},
        {"gradient_checkpointing": True},
        {"frozen_layers": 1, "gradient_checkpointing": True, "precision": "bf16"},
        {"lora.rank": 4},
        {"mixout.p": 0.1},
        {"pooling": "mean"},
    ],
    ids=str,
)
def test_every_way_of_saving_is_counted(model_folder, setting):
    bf16 = replace(PLAIN, bf16=setting.get("precision") == "bf16", accumulates=True)
    counted, real = taken(find_model(str(model_folder)), bf16, **setting)
    assert counted == real


def test_minilm_saves_what_a_real_forward_pass_saves_and_the_rest_is_arithmetic():
    model = find_model(DEFAULT_MODEL)
    counted, real = taken(model, Passes(texts=4, evaluated=4, tokens=32, gpu=False))
    assert counted == real
    assert counted.trained == 4 * 22_713_986
    twice = dry_run(model, "classification", resolve({}), 2, Passes(texts=8, evaluated=4, tokens=32, gpu=False))
    assert twice.saved == pytest.approx(2 * counted.saved, rel=0.001)
    frozen = dry_run(model, "classification", resolve({"frozen_layers": 6}), 2, passes(resolve({"max_length": 32})))
    assert frozen.saved < 0.02 * counted.saved * 4


@pytest.mark.slow
@pytest.mark.parametrize("setting", [{}, {"gradient_checkpointing": True}], ids=str)
def test_the_process_grows_by_what_was_counted(setting):
    """The resident size of a process that trains MiniLM for two steps, on 16 texts of 64 tokens.

    The C library is told to give freed memory back, which it otherwise keeps as much of as it likes.
    """
    import os
    import subprocess
    import sys

    code = f"""
import torch
from study.cost import PeakMemory
from study.dry_run import _loss, Passes, dry_run
from study.assembly import operated
from study.models.loading import DEFAULT_MODEL, find_model, load
from study.settings import resolve
from study.tasks import TASKS
torch.set_num_threads(1)
model, setting, task = find_model(DEFAULT_MODEL), resolve({setting!r}), TASKS["classification"]
passes = Passes(16, 1, 64, gpu=False)
network = operated(load(model, task.auto_class, ("a", "b")), setting, 0).train()
optimizer = torch.optim.AdamW(network.parameters(), fused=True)
for parameter in network.parameters():
    parameter.data = parameter.data.clone()  # out of the file, whose pages come and go
_loss(network, task, Passes(1, 1, 8)).backward()  # what the libraries set up once
network.zero_grad()
memory = PeakMemory("cpu")
for _ in range(2):
    optimizer.zero_grad()
    _loss(network, task, passes).backward()
    optimizer.step()
grown = memory.bytes()
counted = dry_run(model, "classification", setting, 2, passes)
print(grown, counted.training - counted.weights)
"""
    returning = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, **returning}
    )
    grown, counted = map(int, done.stdout.split()[-2:])
    assert grown == pytest.approx(counted, rel=0.05)


def test_a_gpu_does_not_keep_the_probabilities_of_attention(model_folder):
    model = find_model(str(model_folder))
    sizes = {}
    for gpu in (False, True):
        for tokens in (32, 64):
            given = Passes(texts=4, evaluated=4, tokens=tokens, gpu=gpu)
            sizes[gpu, tokens] = dry_run(model, "classification", resolve({}), 2, given).saved
    assert sizes[True, 64] < 2.05 * sizes[True, 32] + 4 * 64 * 64 * 4
    assert sizes[False, 64] > 2.5 * sizes[False, 32]


def test_a_step_of_pretraining_is_counted_with_its_vocabulary():
    """Against the bytes alive in a real step of MiniLM's language model."""
    from study.dry_run import _Alive, _AsOnGpu, _texts
    from study.pretraining.decoding import predicted_logits
    from study.pretraining.language_model import language_model

    model = find_model(DEFAULT_MODEL)
    texts, tokens = 16, 64
    network, _ = language_model(model, "masked", 0)
    wanted = torch.zeros(texts, tokens, dtype=torch.bool)
    wanted.view(-1)[: int(0.15 * texts * tokens)] = True
    alive = _Alive([*network.parameters(), *network.buffers()])
    with _AsOnGpu(False), alive:
        moments = [torch.zeros_like(p) for p in (*network.parameters(), *network.parameters())]
        logits = predicted_logits(network, _texts(texts, tokens), wanted)
        torch.nn.functional.cross_entropy(logits.float(), torch.zeros(len(logits), dtype=torch.long)).backward()
        del moments
    setting = resolve({"pretraining.steps": 9, "pretraining.batch_size": texts, "max_length": tokens, "batch_size": 2})
    fixed = gpu_memory.CUDA_CONTEXT_BYTES + gpu_memory._WORKSPACE
    counted = (gpu_memory.largest_of(model, "classification", setting, 2) - fixed) / gpu_memory._ROUNDING
    assert 0.9 * alive.peak <= counted <= 1.15 * alive.peak
    smaller = gpu_memory.largest_of(model, "classification", resolve({"max_length": tokens, "batch_size": 2}), 2)
    assert gpu_memory._ROUNDING * counted > 1.3 * (smaller - fixed)


def test_the_two_texts_of_a_pair_count(model_folder):
    assert passes(resolve({"method": "setfit", "batch_size": 8})).texts == 16
    assert passes(resolve({"method": "setfit", "batch_size": 8, "micro_batch": 2})).texts == 4
    assert passes(resolve({"batch_size": 8})).texts == 8


def test_nothing_is_drawn_while_counting(model_folder):
    before = torch.random.get_rng_state()
    dry_run(find_model(str(model_folder)), "classification", resolve({"lora.rank": 2}), 2, PLAIN)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize(
    ("given", "size"),
    [("4GB", 4 * 10**9), ("4 gb", 4 * 10**9), ("1.5GiB", 3 * 2**29), ("800MB", 8 * 10**8), ("800MiB", 800 * MIB)],
)
def test_sizes(given, size):
    assert budget(given).bytes == size


@pytest.mark.parametrize("given", ["4", "GB", "4TB", "-4GB", "four GB", "4GB8", 4, 0.5, True, ""])
def test_what_is_no_size_is_told(given):
    with pytest.raises(InputError, match="must be a size with its unit"):
        budget(given)


def test_less_than_a_context_is_told():
    with pytest.raises(InputError, match="before its first number"):
        budget("512MiB")


@pytest.fixture
def counted(monkeypatch):
    """Counting replaced by arithmetic: 200 MiB, and 10 per text; a tenth of those when computed again, half in bf16."""
    seen = []

    def fake(model, task, setting, classes, given):
        seen.append(setting)
        each = 10 * MIB / (10 if setting["gradient_checkpointing"] else 1) / (2 if given.bf16 else 1)
        width = 1 if setting.get("frozen_layers", 0) else 2
        return Bytes(0, 0, 0, int(width * 100 * MIB + given.texts * given.tokens / 128 * each), 0)

    monkeypatch.setattr(gpu_memory, "dry_run", fake)
    return seen


def asked(**changes) -> Question:
    return Question("q", "?", "here", **{"factors": ({"batch_size": 16},), **changes})


def size(training: float) -> gpu_memory.Budget:
    """A budget that this many MiB of tensors just fit into."""
    return gpu_memory.Budget("so much", total(Bytes(0, 0, 0, int(training * MIB), 0), resolve({})))


@pytest.mark.parametrize(
    ("room", "expected", "said"),
    [
        (360, {}, "the whole batch of 16 at once"),
        (359, {"micro_batch": 8}, "micro_batch=8 (2 parts of a batch of 16)"),
        (240, {"micro_batch": 4}, "micro_batch=4 (4 parts"),
        (239, {"gradient_checkpointing": True}, "the whole batch of 16 at once, gradient_checkpointing=True"),
        (210, {"gradient_checkpointing": True, "micro_batch": 8}, "micro_batch=8"),
        (201, {"gradient_checkpointing": True, "micro_batch": 1}, "micro_batch=1"),
        (200.6, {"gradient_checkpointing": True, "micro_batch": 1, "precision": "bf16"}, "precision=bf16"),
    ],
)
def test_the_first_that_fits_is_chosen(counted, model_folder, room, expected, said):
    question, sentence = within(asked(), find_model(str(model_folder)), 2, size(room))
    assert dict(question.fixed) == expected
    assert sentence.startswith("--gpu-memory so much: ")
    assert said in sentence
    for point in question.points(find_model(str(model_folder)).geometry):
        assert resolve({**question.fixed, **point})["batch_size"] == 16


def test_what_is_named_is_left_as_it_is(counted, model_folder):
    model = find_model(str(model_folder))
    question, _ = within(asked(fixed={"gradient_checkpointing": False, "precision": "fp32"}), model, 2, size(210))
    assert question.fixed == {"gradient_checkpointing": False, "precision": "fp32", "micro_batch": 1}
    question, _ = within(asked(fixed={"micro_batch": 8}), model, 2, size(210))
    assert question.fixed == {"micro_batch": 8, "gradient_checkpointing": True}
    with pytest.raises(InputError, match="8 texts of 128 tokens"):
        within(
            asked(fixed={"micro_batch": 8, "gradient_checkpointing": False, "precision": "fp32"}), model, 2, size(240)
        )


def test_the_worst_point_decides(counted, model_folder):
    points = [{"batch_size": 8, "frozen_layers": 1}, {"batch_size": 16, "frozen_layers": 0}]
    question, _ = within(
        asked(factors=points, tuned={"max_length": choice(64, 16)}), find_model(str(model_folder)), 2, size(281)
    )
    assert dict(question.fixed) == {}
    question, _ = within(
        asked(factors=points, tuned={"max_length": choice(64, 16)}), find_model(str(model_folder)), 2, size(279)
    )
    assert dict(question.fixed) == {"micro_batch": 8}


def test_points_that_need_the_same_are_counted_once(counted, model_folder):
    points = [{"learning_rate": rate, "epochs": epochs, "batch_size": 16} for rate in (1e-5, 1e-4) for epochs in (1, 2)]
    within(asked(factors=points), find_model(str(model_folder)), 2, size(1000))
    assert len(counted) == 1


def test_too_little_for_one_text_says_what_one_needs(counted, model_folder):
    with pytest.raises(InputError) as error:
        within(asked(), find_model(str(model_folder)), 2, size(199))
    assert "one text of 128 tokens at a time through small needs about 0.8 GB" in str(error.value)
    assert "max_length" in str(error.value)


def test_the_choice_is_in_the_study_and_shown(model_folder, data_folder):
    from study.describe import arm_lines

    given = Request(asked(fixed={"max_length": 32}), str(model_folder), DataOptions(str(data_folder)), gpu_memory="1GB")
    [(arm, _)] = ask(given)
    assert arm.question.fixed["max_length"] == 32
    assert any(
        line.startswith("  --gpu-memory 1GB: the whole batch of 16 at once, about 0.") for line in arm_lines([arm])
    )


def test_a_malformed_size_is_told_with_the_rest(model_folder):
    with pytest.raises(InputError) as error:
        ask(Request(asked(fixed={"epochs": -1}), str(model_folder), DataOptions("nowhere"), gpu_memory="much"))
    assert any(problem.startswith("--gpu-memory much") for problem in error.value.problems)
    assert any(problem.startswith("epochs=-1") for problem in error.value.problems)


def test_it_can_be_given_from_python():
    arguments = from_keywords({"question": asked(), "gpu_memory": "4GB"})
    assert request(arguments, asked(), Problems()).gpu_memory == "4GB"


@pytest.mark.parametrize(
    ("batch", "most", "expected"), [(16, 0, 64), (64, 0, 64), (16, 16, 64), (16, 4, 16), (16, 1, 4)]
)
def test_evaluation_is_four_parts_at_once_and_never_more_than_64(batch, most, expected):
    assert evaluation_batch(batch, most) == expected


def gradients(model_folder, setting, **more) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    network = operated(
        load(find_model(str(model_folder)), TASK.auto_class, ("a", "b")), resolve({**setting, **more}), 0
    )
    network.train()
    torch.manual_seed(0)
    ids = torch.arange(5, 29).reshape(4, 6)
    mask = torch.ones_like(ids)
    mask[1, 4:] = 0
    TASK.loss(network(input_ids=ids, attention_mask=mask).logits, torch.tensor([0, 1, 1, 0])).backward()
    return {name: p.grad for name, p in network.named_parameters() if p.grad is not None}


@pytest.mark.parametrize(
    ("kind", "setting"),
    [
        *((kind, {"frozen_layers": 1}) for kind in KINDS if kind not in UNABLE),
        *((kind, setting) for kind in ("bert", "gpt2") for setting in ({}, {"lora.rank": 2})),
    ],
    ids=str,
)
def test_gradients_are_the_same_when_activations_are_computed_again(kind, setting, tmp_path):
    """With dropout on, so that the masks have to be the same; frozen embeddings give the first block no gradient."""
    folder = small_architecture(kind, tmp_path / kind)
    plain, again = gradients(folder, setting), gradients(folder, setting, gradient_checkpointing=True)
    assert plain.keys() == again.keys()
    assert len(plain) > 2
    for name, gradient in plain.items():
        assert torch.allclose(again[name], gradient, rtol=1e-4, atol=1e-7), name


def test_a_frozen_prefix_stays_outside_the_backward_pass(model_folder):
    setting = resolve({"frozen_layers": 2, "gradient_checkpointing": True})
    network = operated(load(find_model(str(model_folder)), TASK.auto_class, ("a", "b")), setting, 0).train()
    outputs = []
    network.base_model.encoder.layer[1].register_forward_hook(lambda block, inputs, output: outputs.append(output))
    network(input_ids=torch.ones(2, 6, dtype=torch.long))
    first = outputs[0][0] if isinstance(outputs[0], tuple) else outputs[0]
    assert not first.requires_grad


def test_a_trial_that_computes_again_learns_what_one_that_keeps_learns(make_trial):
    def trained(**setting):
        trainer = assemble(*make_trial(**setting), lambda trainer, scores: None)
        fit(trainer)
        return trainer.logits("test")

    torch.set_num_threads(1)
    assert trained(gradient_checkpointing=True) == pytest.approx(trained(), abs=1e-4)


@pytest.mark.parametrize("kind", UNABLE)
def test_an_architecture_that_cannot_is_told_when_asked(kind, tmp_path):
    model = find_model(str(small_architecture(kind, tmp_path / kind)))
    (said,) = checkpointing_problems(asked(fixed={"gradient_checkpointing": True}), model)
    assert said == checkpointing_problem(model)
    assert repr(kind) in said
    assert checkpointing_problems(asked(), model) == []
    assert len(gpu_memory._tiers(gpu_memory._SAVING, 8, False)[0]) == 4
