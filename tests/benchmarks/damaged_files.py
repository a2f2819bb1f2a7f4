"""Damaged and misshapen data files from a fixed seed, for the fuzz benchmark and the tests."""

from __future__ import annotations

import gzip
import io
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

TEXTS = [f'film {n}, "said" one; ¿què?\tand 好 {"é" * (n % 7)}' for n in range(30)]
PLAIN = [f"a plain film number {n}" for n in range(30)]
LABELS = [n % 2 for n in range(30)]


@dataclass(frozen=True)
class Case:
    """Files by name, which are one file to load, or a folder of several."""

    name: str
    files: dict[str, bytes]
    options: dict[str, Any] = field(default_factory=dict)

    def write(self, folder: Path) -> Path:
        """Write the files; returns what a user would give as --data."""
        root = folder / "data set"
        for name, content in self.files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content)
        return root / next(iter(self.files)) if len(self.files) == 1 else root


def cases(seed: int = 0) -> Iterator[Case]:
    """More than 300 cases; the same for the same seed."""
    rng = random.Random(seed)
    for extension, good in good_files().items():
        for kind, damage in DAMAGE.items():
            for number in range(4):
                yield Case(f"{extension}: {kind} {number}", {f"x{extension}": damage(good, rng)})
    for name, content in odd_text().items():
        yield Case(name, {f"x{name.partition(':')[0]}": content})
    for name, table in odd_parquet().items():
        yield Case(f".parquet: {name}", {"x.parquet": parquet(table)})
    yield from folders()
    yield from pairs()


def good_files() -> dict[str, bytes]:
    """Thirty rows in every format."""
    quoted = ['"' + text.replace('"', '""') + '"' for text in TEXTS]
    csv = "text,label\n" + "".join(f"{t},{n}\n" for t, n in zip(quoted, LABELS, strict=True))
    tsv = "text\tlabel\n" + "".join(f"{t}\t{n}\n" for t, n in zip(quoted, LABELS, strict=True))
    raw = "text\tlabel\n" + "".join(f'"{t}\t{n}\n' for t, n in zip(PLAIN, LABELS, strict=True))
    rows = [{"text": t, "label": n} for t, n in zip(TEXTS, LABELS, strict=True)]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    array = json.dumps(rows, indent=1)
    found = {".csv": csv, ".tsv": tsv, ".jsonl": lines, ".json": array}
    files = {extension: text.encode() for extension, text in found.items()}
    files["-raw.tsv"] = raw.encode()
    files |= {f"{e}.gz": gzip.compress(files[e], mtime=0) for e in (".csv", ".jsonl")}
    return files | {".parquet": parquet(pa.table({"text": TEXTS, "label": LABELS}))}


def parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def flip(content: bytes, rng: random.Random) -> bytes:
    """Some bytes changed."""
    changed = bytearray(content)
    for _ in range(rng.choice((1, 3, 20))):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def cut(content: bytes, rng: random.Random) -> bytes:
    """The start only."""
    return content[: rng.randrange(len(content))]


def remove(content: bytes, rng: random.Random) -> bytes:
    """A stretch taken out."""
    start = rng.randrange(len(content))
    return content[:start] + content[start + rng.randrange(1, 60) :]


def insert(content: bytes, rng: random.Random) -> bytes:
    """Something put in."""
    what = rng.choice((b'"', b'""', b"\0", b"\r", b"\n", b"\xff", b"\xe9", b",", b"\t", b"{", b"]", rng.randbytes(9)))
    start = rng.randrange(len(content))
    return content[:start] + what + content[start:]


def repeat(content: bytes, rng: random.Random) -> bytes:
    """A stretch twice."""
    start = rng.randrange(len(content))
    end = start + rng.randrange(1, 100)
    return content[:end] + content[start:]


def swap(content: bytes, rng: random.Random) -> bytes:
    """One character of syntax for another, everywhere."""
    old, new = rng.sample((b",", b"\n", b'"', b"\t", b":", b";", b"}", b"[", b"'"), 2)
    return content.replace(old, new)


def recode(content: bytes, rng: random.Random) -> bytes:
    """Another encoding, or what is none."""
    text = content.decode("utf-8", "replace")
    encoding = rng.choice(("utf-16", "utf-16-le", "utf-32", "latin-1", "utf-8-sig", "cp1252", "utf-7"))
    return text.encode(encoding, "replace")


DAMAGE = {
    "bytes flipped": flip,
    "cut": cut,
    "stretch removed": remove,
    "something inserted": insert,
    "stretch repeated": repeat,
    "characters swapped": swap,
    "recoded": recode,
}


def odd_text() -> dict[str, bytes]:
    """Text files of every shape that users have been seen to make; a name begins with the extension."""
    csv, lines = good_files()[".csv"], good_files()[".jsonl"]
    huge = b"w " * (17 << 20)
    found = {
        ".csv: empty": b"",
        ".csv: blank lines": b"\n \n\n",
        ".csv: header only": b"text,label\n",
        ".csv: header twice": b"text,label\n" + csv,
        ".csv: names blank": b",\n" + csv[11:],
        ".csv: a name blank": b"text,label,\n" + b"a,1,\nb,0,\n" * 9,
        ".csv: names twice": b"text,text,label\na,b,1\n",
        ".csv: no header": csv[11:],
        ".csv: carriage returns": csv.replace(b"\n", b"\r"),
        ".csv: semicolons": b"text;label\na;1\nb;0\n",
        ".csv: one huge field": b"text,label\n" + huge + b",1\nb,0\n",
        ".csv: never closed": b'text,label\n"a,1\nb,0\n',
        ".csv: NaN labels": b"text,label\na,1\nb,NaN\nc,0\nd,nan\n",
        ".csv: numbers to predict": b"text,label\na,1.5\nb,2.25\n",
        ".csv: mixed labels": b"text,label\na,1\nb,yes\nc,1.0\nd,True\n",
        ".csv: blank texts": b"text,label\n ,1\n,0\nc,0\nd,1\n",
        ".csv: hidden in train": b"text,label\na,-1\nb,-1\n",
        ".csv: only spaces": b" " * 5000,
        ".csv: markup": b"<!DOCTYPE html><html><body>Not found, sorry</body></html>",
        ".csv: a spreadsheet": b"PK\x03\x04" + bytes(500),
        ".csv: a pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n",
        ".csv: labels over lines": b'text,label\na,"1\nx"\nb,0\n',
        ".csv: 2,000 columns": b",".join(b"c%d" % n for n in range(2000)) + b"\n" + b"," * 1999 + b"\n",
        ".tsv: empty": b"",
        ".tsv: commas": csv,
        ".tsv: open quote, tabs differ": b'text\tlabel\n"a\t1\nb\t0\t3\n',
        ".tsv: too many values": b"text\tlabel\na\t1\nb\t0\t3\n",
        ".tsv: one column": b"text\na\nb\n",
        ".tsv: blank texts": b"text\tlabel\n\t1\nb\t0\n",
        ".jsonl: empty": b"",
        ".jsonl: blank lines": b"\n\n",
        ".jsonl: no objects": b"[1, 2]\n[3, 4]\n",
        ".jsonl: numbers": b"1\n2\n",
        ".jsonl: null": b"null\n",
        ".jsonl: strings": b'"a"\n"b"\n',
        ".jsonl: no keys": b"{}\n{}\n",
        ".jsonl: keys twice": b'{"text": "a", "text": "b", "label": 1}\n',
        ".jsonl: single quotes": b"{'text': 'a', 'label': 1}\n",
        ".jsonl: a comma at the end": b'{"text": "a", "label": 1,}\n',
        ".jsonl: two on a line": b'{"text": "a", "label": 1} {"text": "b", "label": 0}\n',
        ".jsonl: nested texts": b'{"text": ["a", "b"], "label": 1}\n{"text": ["c"], "label": 0}\n',
        ".jsonl: nested labels": b'{"text": "a", "label": {"x": 1}}\n',
        ".jsonl: nested later": lines + b'{"text": {"a": "b"}, "label": 1}\n',
        ".jsonl: kinds mixed": b'{"text": "a", "label": 1}\n{"text": "b", "label": "yes"}\n',
        ".jsonl: truth and numbers": b'{"text": "a", "label": true}\n{"text": "b", "label": 0}\n',
        ".jsonl: texts and numbers": b'{"text": "a", "label": 1}\n{"text": 5, "label": 0}\n',
        ".jsonl: texts missing": b'{"label": 1}\n{"text": "b", "label": 0}\n{"text": null, "label": 1}\n',
        ".jsonl: labels missing": b'{"text": "a", "label": 1}\n{"text": "b"}\n',
        ".jsonl: text in no row": b'{"body": "a", "label": 1}\n' * 2 + b'{"words": 3}\n',
        ".jsonl: NaN": b'{"text": "a", "label": NaN}\n{"text": "b", "label": 1}\n',
        ".jsonl: infinite": b'{"text": "a", "label": Infinity}\n{"text": "b", "label": 1}\n',
        ".jsonl: long numbers": b'{"text": "a", "label": ' + b"9" * 5000 + b"}\n",
        ".jsonl: beyond 64 bits": b'{"text": "a", "label": 99999999999999999999}\n{"text": "b", "label": 1}\n',
        ".jsonl: half a character": b'{"text": "\\ud83d", "label": 1}\n{"text": "b", "label": 0}\n',
        ".jsonl: nested deeply": b'{"text": ' + b"[" * 100_000 + b"\n",
        ".jsonl: latin-1 far below": lines * 50 + '{"text": "é", "label": 1}\n'.encode("latin-1"),
        ".jsonl: a table of columns": b'{"text": ["a", "b"], "label": [0, 1]}\n',
        ".json: empty array": b"[]",
        ".json: unclosed": b'[{"text": "a", "label": 1}',
        ".json: no comma": b'[{"text": "a", "label": 1} {"text": "b", "label": 0}]',
        ".json: comma at the end": b'[{"text": "a", "label": 1},]',
        ".json: more behind": b'[{"text": "a", "label": 1}]\n[{"text": "b", "label": 0}]',
        ".json: arrays": b'[["a", 1], ["b", 0]]',
        ".json: under a key": b'{\n "data": [\n  {"text": "a", "label": 1}\n ]\n}\n',
        ".json: a string": b'"text"',
        ".json: unterminated string": b'[{"text": "a, "label": 1}, {"text": "b", "label": 0}]',
        ".json: huge": b'[{"text": "' + huge + b'", "label": 1}]',
        ".csv.gz: none": csv,
        ".csv.gz: empty": b"",
        ".csv.gz: twice": gzip.compress(gzip.compress(csv)),
        ".csv.gz: nothing inside": gzip.compress(b""),
        ".jsonl.gz: rubbish behind": gzip.compress(lines) + b"rubbish",
        ".json.gz: csv inside": gzip.compress(csv),
        ".txt: text": csv,
        ".txt.gz: text": gzip.compress(csv),
        ".parquet.gz: compressed": gzip.compress(good_files()[".parquet"]),
        ".parquet: csv": csv,
        ".parquet: empty": b"",
        ".parquet: PAR1 alone": b"PAR1",
        ".parquet: PAR1 twice": b"PAR1" + bytes(100) + b"PAR1",
    }
    return found


def odd_parquet() -> dict[str, pa.Table]:
    """Tables that are no texts with classes."""
    n = len(PLAIN)
    offsets = pa.array([0, 2, 4], pa.int32()).buffers()[1]
    bad = pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.py_buffer(b"\xff\xfeab")])
    columns: dict[str, dict[str, Any]] = {
        "lists": {"tokens": [["a", "b"]] * n, "tags": [[0, 1]] * n},
        "texts are numbers": {"text": list(range(n)), "label": LABELS},
        "texts are bytes": {"text": [b"a"] * n, "label": LABELS},
        "texts are null": {"text": pa.nulls(n), "label": LABELS},
        "texts are objects": {"text": [{"a": 1}] * n, "label": LABELS},
        "labels are lists": {"text": PLAIN, "label": [[1]] * n},
        "labels are bytes": {"text": PLAIN, "label": [b"a", b"b"] * 15},
        "labels are dates": {"text": PLAIN, "label": pa.array(LABELS, pa.date32())},
        "labels are times": {"text": PLAIN, "label": pa.array(LABELS, pa.timestamp("us"))},
        "labels are null": {"text": PLAIN, "label": pa.nulls(n)},
        "labels are fractions": {"text": PLAIN, "label": [0.5, 1.25] * 15},
        "labels are infinite": {"text": PLAIN, "label": [float("inf"), 1.0] * 15},
        "labels are NaN": {"text": PLAIN, "label": [float("nan"), 1.0, 0.0] * 10},
        "labels are decimals": {"text": PLAIN, "label": [Decimal("1.50"), Decimal("0.00")] * 15},
        "labels are identifiers": {"text": [f"t {i}" for i in range(3000)], "label": list(range(3000))},
        "labels are texts": {"text": PLAIN, "label": [f"{t}\nmore" for t in PLAIN]},
        "labels are all -1": {"text": PLAIN, "label": [-1] * n},
        "one class": {"text": PLAIN, "label": ["a"] * n},
        "one column": {"text": PLAIN},
        "no text column": {"label": LABELS},
        "no columns": {},
        "no rows": {"text": pa.array([], pa.string()), "label": pa.array([], pa.int64())},
        "not UTF-8": {"text": bad, "label": [0, 1]},
        "names with dots": {"a.text": PLAIN, "b.label": LABELS},
        "too few of a class": {"text": PLAIN, "label": [0] * (n - 1) + [1]},
    }
    tables = {name: pa.table(held) for name, held in columns.items()}
    twice = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"]), pa.array([1])], names=["text", "text", "label"])
    features = {"label": {"_type": "ClassLabel", "names": ["no", "yes"]}}
    metadata = {b"huggingface": json.dumps({"info": {"features": features}}).encode()}
    named = pa.table({"text": PLAIN, "label": [0, 1, 7] * 10}).replace_schema_metadata(metadata)
    broken = tables["texts are null"].replace_schema_metadata({b"huggingface": b"{"})
    return tables | {"a name twice": twice, "a label beyond the names": named, "metadata broken": broken}


def folders() -> Iterator[Case]:
    """Folders whose files do not make a data set."""
    good = good_files()
    csv, tables = good[".csv"], good[".parquet"]
    other = b"words,label\na,1\nb,0\n"
    shard = "train-{:05}-of-{:05}.parquet".format
    yield Case("folder: no train", {"test.csv": csv, "notes.txt": b""})
    yield Case("folder: two for a split", {"train.csv": csv, "train.parquet": tables})
    yield Case("folder: packed and unpacked", {"train.csv": csv, "train.csv.gz": good[".csv.gz"]})
    yield Case("folder: shards missing", {shard(0, 3): tables, shard(2, 3): tables})
    yield Case("folder: many shards missing", {shard(0, 300): tables, shard(2, 300): tables})
    yield Case("folder: shards of two counts", {shard(0, 1): tables, shard(0, 2): tables, shard(1, 2): tables})
    yield Case("folder: a shard beyond", {shard(0, 1): tables, shard(1, 1): tables})
    yield Case("folder: a shard and a file", {shard(0, 1): tables, "train.csv": csv})
    yield Case("folder: a shard damaged", {shard(0, 2): tables, shard(1, 2): tables[:99]})
    yield Case("folder: shards differ", {shard(0, 2): tables, shard(1, 2): parquet(pa.table({"a": ["b"]}))})
    yield Case("folder: in data as well", {"train.csv": csv, f"data/{shard(0, 1)}": tables})
    yield Case("folder: columns differ", {"train.csv": csv, "test.csv": other})
    yield Case("folder: labels under another name", {"train.csv": csv, "test.csv": b"text,target\na,1\nb,0\n"})
    yield Case("folder: classes differ", {"train.csv": csv, "test.csv": b"text,label\na,1\nb,2\n"})
    yield Case("folder: a class lacks", {"train.csv": csv, "test.csv": b"text,label\na,1\n"})
    yield Case("folder: some hidden", {"train.csv": csv, "test.csv": b"text,label\na,1\nb,0\nc,-1\nd,-1\n"})
    yield Case("folder: hidden", {"train.csv": csv, "test.csv": b"text,label\na,-1\nb,-1\n"})
    yield Case("folder: test empty", {"train.csv": csv, "test.csv": b""})
    yield Case("folder: test without rows", {"train.csv": csv, "dev.csv": b"text,label\n"})
    yield Case("folder: two things wrong", {"train.csv": csv + b"a\n", "test.jsonl": b"{\n"})
    yield Case("options: columns unknown", {"x.csv": csv}, {"text_column": "txt", "label_column": "lable"})
    yield Case("options: one for both", {"x.csv": csv}, {"text_column": "label", "label_column": "label"})
    yield Case("options: sizes", {"x.csv": csv}, {"train_size": 0, "eval_size": -3, "data_seed": -1})
    yield Case("options: too many rows", {"x.csv": csv}, {"train_size": 1000})
    yield Case("options: a configuration", {"x.csv": csv}, {"config": "plain"})
    yield Case("options: a label in the text column", {"x.csv": csv}, {"text_column": "text,label"})


def pairs() -> Iterator[Case]:
    """Pairs of texts that are not whole."""
    good = b"premise,hypothesis,label\n" + b"".join(b"a %d,b %d,%d\n" % (n, n, n % 2) for n in range(30))
    yield Case("pairs: a second text blank", {"x.csv": good + b"a,,1\nb, ,0\n"})
    yield Case("pairs: both blank", {"x.csv": good + b",,1\n"})
    yield Case("pairs: missing", {"x.jsonl": b'{"text1": "a", "text2": "b", "label": 1}\n{"text1": "a", "label": 0}\n'})
    yield Case("pairs: second unknown", {"x.csv": good}, {"text_column": "premise,hypotheses"})
    yield Case("pairs: three", {"x.csv": good}, {"text_column": "premise,hypothesis,label"})
    yield Case("pairs: the same twice", {"x.csv": good}, {"text_column": "premise,premise"})
    yield Case("pairs: one not given", {"x.csv": good}, {"text_column": "premise,"})
    table = pa.table({"premise": PLAIN, "hypothesis": LABELS, "label": LABELS})
    yield Case("pairs: second is a number", {"x.parquet": parquet(table)}, {"text_column": "premise,hypothesis"})
    yield Case("pairs: test without", {"train.csv": good, "test.csv": b"premise,label\na,1\nb,0\n"})
