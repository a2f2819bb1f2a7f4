"""Classification's scores are scikit-learn's, its loss torch's, its batches padded and masked as models expect."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sklearn import metrics as sk

from study.models.padding import Padding
from study.tasks import TASKS
from study.tasks.classification import collate, degenerate, loss, predictions, score
from tests.small import small_model

NAMES = {2: ("no", "yes"), 3: ("a", "b", "c"), 7: tuple("abcdefg")}


def random_case(classes: int, seed: int, texts: int = 200) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.choice(classes, texts, p=rng.dirichlet(np.ones(classes)))
    return labels, (rng.normal(size=(texts, classes)) + 1.5 * np.eye(classes)[labels]).astype(np.float32)


def logits_for(predicted: np.ndarray, classes: int = 2) -> np.ndarray:
    return np.eye(classes, dtype=np.float32)[predicted]


def from_table(tp: int, fn: int, fp: int, tn: int) -> tuple[np.ndarray, np.ndarray]:
    labels = np.repeat([1, 1, 0, 0], [tp, fn, fp, tn])
    return labels, logits_for(np.repeat([1, 0, 1, 0], [tp, fn, fp, tn]))


@pytest.mark.parametrize("classes", [2, 3, 7])
@pytest.mark.parametrize("seed", range(5))
def test_every_score_is_scikit_learns(classes, seed):
    labels, logits = random_case(classes, seed)
    predicted, known = logits.argmax(1), list(range(classes))
    found = score(labels, logits, NAMES[classes])
    average = {"average": "binary"} if classes == 2 else {"average": "macro", "labels": known}
    expected = {
        "accuracy": sk.accuracy_score(labels, predicted),
        "precision": sk.precision_score(labels, predicted, zero_division=0, **average),
        "recall": sk.recall_score(labels, predicted, zero_division=0, **average),
        "f1": sk.f1_score(labels, predicted, zero_division=0, **average),
        "mcc": sk.matthews_corrcoef(labels, predicted),
        "loss": sk.log_loss(labels, torch.softmax(torch.tensor(logits).double(), 1).numpy(), labels=known),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-9)
    assert found["confusion"] == sk.confusion_matrix(labels, predicted, labels=known).tolist()
    report = sk.classification_report(
        labels, predicted, labels=known, target_names=NAMES[classes], output_dict=True, zero_division=0
    )
    for name in NAMES[classes]:
        of_class = {key.replace("f1-score", "f1"): value for key, value in report[name].items()}
        assert found["per_class"][name] == pytest.approx(of_class)


@pytest.mark.parametrize(
    ("table", "accuracy", "f1"),
    [
        ({"tp": 1030, "fn": 117, "fp": 186, "tn": 392}, 0.8243, 0.8718),
        ({"tp": 260, "fn": 19, "fp": 39, "tn": 90}, 0.8578431, 0.8996540),
        ({"tp": 279, "fn": 0, "fp": 129, "tn": 0}, 0.6838, 0.8122),
        ({"tp": 1147, "fn": 0, "fp": 578, "tn": 0}, 0.6649, 0.7987),
    ],
    ids=["slides, MRPC test", "course, MRPC validation", "majority, validation", "majority, test"],
)
def test_published_pairs_follow_from_their_confusion_tables(table, accuracy, f1):
    found = score(*from_table(**table), NAMES[2])
    assert found["accuracy"] == pytest.approx(accuracy, abs=5e-5)
    assert found["f1"] == pytest.approx(f1, abs=5e-5)
    assert found["confusion"] == [[table["tn"], table["fp"]], [table["fn"], table["tp"]]]


def test_three_classes_are_averaged_without_weights():
    labels = np.array([0] * 8 + [1, 2])
    found = score(labels, logits_for(np.array([0] * 8 + [1, 1]), 3), NAMES[3])
    assert found["f1"] == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert found["precision"] == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert found["recall"] == pytest.approx((1 + 1 + 0) / 3)


def test_a_class_that_is_neither_there_nor_predicted_counts_as_zero_and_keeps_its_row():
    found = score(np.array([0, 1]), logits_for(np.array([0, 1]), 3), NAMES[3])
    assert found["f1"] == pytest.approx(2 / 3)
    assert found["confusion"] == [[1, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert found["per_class"]["c"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 0}


def test_predicting_one_class_scores_zero_correlation_and_no_warning(recwarn):
    found = score(np.array([0, 1, 1]), logits_for(np.array([0, 0, 0])), NAMES[2])
    assert (found["mcc"], found["f1"], found["precision"]) == (0.0, 0.0, 0.0)
    assert not [w for w in recwarn if "ill-defined" in str(w.message)]


@pytest.mark.parametrize("classes", [2, 7])
def test_the_loss_that_is_scored_is_the_one_that_is_trained_and_torchs(classes):
    labels, logits = random_case(classes, 0)
    trained = loss(torch.tensor(logits), torch.tensor(labels)).item()
    byhand = -np.mean([row[y] - np.log(np.exp(row.astype(float)).sum()) for row, y in zip(logits, labels, strict=True)])
    assert trained == pytest.approx(byhand, rel=1e-5)
    assert score(labels, logits, NAMES[classes])["loss"] == pytest.approx(byhand, rel=1e-9)


def test_the_loss_is_taken_in_full_precision_whatever_the_logits_have():
    labels, logits = random_case(3, 1)
    half = torch.tensor(logits).bfloat16()
    found = loss(half, torch.tensor(labels))
    assert found.dtype == torch.float32
    assert found.item() == pytest.approx(torch.nn.functional.cross_entropy(half.double(), torch.tensor(labels)).item())


def test_huge_logits_score_a_finite_loss():
    found = score(np.array([0, 1]), np.array([[1e4, 0], [1e4, 0]], np.float32), NAMES[2])
    assert found["loss"] == pytest.approx(5e3)


def test_degenerate_means_one_class_whatever_the_text():
    assert degenerate(logits_for(np.array([1, 1, 1]), 3))
    assert degenerate(np.random.default_rng(0).uniform(size=(20, 2)) + np.array([0, 5]))
    assert not degenerate(logits_for(np.array([1, 1, 0]), 3))


def feature(*ids: int, label: int = 0) -> dict:
    return {"input_ids": np.array(ids, np.int32), "labels": label}


RIGHT, LEFT = Padding(99, "right", 0), Padding(5, "left", 3)


def test_a_batch_is_padded_on_the_right_to_its_longest_and_masked():
    batch = collate([feature(2, 7, 3, label=1), feature(2, 3), feature(2, 9, 8, 7, 3, label=1)], RIGHT)
    assert batch["input_ids"].tolist() == [[2, 7, 3, 99, 99], [2, 3, 99, 99, 99], [2, 9, 8, 7, 3]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 1, 1]]
    assert batch["labels"].tolist() == [1, 0, 1]
    assert {tensor.dtype for tensor in batch.values()} == {torch.int64}


def test_a_batch_is_padded_on_the_left_where_the_model_wants_it_segments_with_their_own_number():
    features = [
        {**feature(7, 8, 4), "token_type_ids": np.array([0, 1, 2], np.uint8)},
        {**feature(4, label=1), "token_type_ids": np.array([2], np.uint8)},
    ]
    batch = collate(features, LEFT)
    assert batch["input_ids"].tolist() == [[7, 8, 4], [5, 5, 4]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [0, 0, 1]]
    assert batch["token_type_ids"].tolist() == [[0, 1, 2], [3, 3, 2]]
    assert batch["labels"].tolist() == [0, 1]
    assert "token_type_ids" not in collate([feature(7, 4)], LEFT)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_batch_is_what_transformers_own_collator_makes(tmp_path, side):
    from transformers import AutoTokenizer, DataCollatorWithPadding

    tokenizer = AutoTokenizer.from_pretrained(
        small_model(tmp_path), padding_side=side, model_input_names=["input_ids", "token_type_ids", "attention_mask"]
    )
    texts = ["the film was great", "dull", "a story about an old house and its people"]
    features = [{**tokenizer(text), "labels": i} for i, text in enumerate(texts)]
    expected = DataCollatorWithPadding(tokenizer)(features)
    found = collate(
        [
            {**f, "input_ids": np.array(f["input_ids"]), "token_type_ids": np.array(f["token_type_ids"])}
            for f in features
        ],
        Padding(tokenizer.pad_token_id, side, tokenizer.pad_token_type_id),
    )
    assert set(found) == set(expected)
    assert all(torch.equal(found[name], expected[name]) for name in found)


def test_a_batch_has_the_weights_of_its_examples():
    batch = collate([{**feature(2, 3), "weights": 0.25}, {**feature(2), "weights": 3.0}], RIGHT)
    assert batch["weights"].tolist() == [0.25, 3.0]
    assert batch["weights"].dtype == torch.float32


def test_a_weighted_loss_is_the_same_however_the_examples_are_put_into_batches():
    labels, logits = random_case(3, 4, texts=60)
    labels, logits, weights = torch.tensor(labels), torch.tensor(logits), torch.rand(60) * 4
    whole = loss(logits, labels, weights)
    each = torch.nn.functional.cross_entropy(logits.double(), labels, reduction="none")
    assert whole.item() == pytest.approx((weights.double() * each).mean().item(), rel=1e-6)
    order = torch.randperm(60)
    parts = [loss(logits[i], labels[i], weights[i]).item() for i in order.split(5)]
    assert np.mean(parts) == pytest.approx(whole.item(), rel=1e-6)
    divided = [
        (weights[i] * torch.nn.functional.cross_entropy(logits[i], labels[i], reduction="none")).sum()
        / weights[i].sum()
        for i in order.split(5)
    ]
    assert np.mean(divided) != pytest.approx(whole.item(), rel=1e-3), "torch's own rule depends on the batches"


def test_weights_of_one_are_no_weights():
    labels, logits = random_case(2, 5)
    labels, logits = torch.tensor(labels), torch.tensor(logits)
    assert loss(logits, labels, torch.ones(200)).item() == pytest.approx(loss(logits, labels).item(), rel=1e-6)


def test_a_padding_id_among_the_tokens_is_a_token():
    assert collate([feature(2, 0, 3), feature(2)], Padding(0))["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0]]


def test_collating_leaves_the_memory_mapped_tokens_alone():
    ids = np.array([2, 7, 3], np.int32)
    ids.flags.writeable = False
    batch = collate([{"input_ids": ids, "labels": 0}], Padding(0))
    batch["input_ids"][0, 0] = 55
    assert ids.tolist() == [2, 7, 3]


def test_predictions_are_probabilities_by_class_name_beside_row_and_label():
    labels, logits = random_case(3, 2, texts=5)
    found = predictions(SimpleNamespace(rows=np.arange(10, 15), labels=labels), logits, NAMES[3])
    assert list(found) == ["row", "label", "predicted", "p_a", "p_b", "p_c"]
    table = np.stack([found[f"p_{name}"] for name in NAMES[3]], axis=1)
    assert table.dtype == np.float32
    assert np.allclose(table, torch.softmax(torch.tensor(logits), 1).numpy(), atol=1e-6)
    assert found["row"].tolist() == [10, 11, 12, 13, 14]
    assert found["label"].tolist() == labels.tolist()
    assert found["predicted"].tolist() == logits.argmax(1).tolist()


# What every task promises


@pytest.mark.parametrize("name", TASKS)
def test_a_task_is_listed_under_its_name_and_has_a_class_of_transformers(name):
    import transformers

    assert TASKS[name].name == name
    assert hasattr(getattr(transformers, TASKS[name].auto_class), "from_pretrained")


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_every_metric_that_may_decide_is_scored_as_one_plain_number(task):
    found = task.score(*random_case(3, 0), NAMES[3])
    assert set(task.metrics) <= set(found)
    assert all(type(found[metric]) is float for metric in task.metrics)


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_a_perfect_model_beats_a_random_one_on_every_metric(task):
    from study.question import better_is_lower

    labels, logits = random_case(3, 0)
    perfect = task.score(labels, 20 * logits_for(labels, 3), NAMES[3])
    other = task.score(labels, logits, NAMES[3])
    for metric in task.metrics:
        assert (perfect[metric] < other[metric]) == better_is_lower(metric), metric


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_a_tasks_scores_do_not_depend_on_the_order_of_the_texts(task):
    labels, logits = random_case(3, 3)
    order = np.random.default_rng(0).permutation(len(labels))
    one, other = task.score(labels, logits, NAMES[3]), task.score(labels[order], logits[order], NAMES[3])
    assert {m: one[m] for m in task.metrics} == pytest.approx({m: other[m] for m in task.metrics}, abs=1e-12)


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_a_tasks_batch_has_labels_and_loses_no_text(task):
    batch = task.collate([feature(2, 7, 3, label=1), feature(2, 3)], Padding(0))
    assert len(batch["labels"]) == len(batch["input_ids"]) == 2
