"""Every file that cannot be used is refused with one sentence: what was given, what is allowed, what to do."""

import gzip
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from study.errors import InputError
from tests.benchmarks.damaged_files import cases
from tests.study.data.samples import assert_says, folder, load, problems, rows, write_csv, write_parquet

GOOD = "text,label\n" + "".join(f"film {n},{n % 2}\n" for n in range(20))
UTF8 = ("is not UTF-8 text", "read as UTF-8", "save it again")
GZIP = ("is not UTF-8 text", "compressed with gzip", "add .gz")
EMPTY = ("is empty", "columns in the first line", "give one with rows")
NO_ROWS = ("has no rows", "needs a row of each class", "add rows")
QUOTE = ("line 4: a quote is opened and not closed", "end with a quote", "correct that line")
SHAPE = ("another number of values", "(row 20, counted from 0)", "Put values that hold commas")
COMMAS = ("has one column", "separated by commas", "save it again")

CSV = {
    "empty": (b"", EMPTY),
    "blank": (b"\n\n \n", EMPTY),
    "header only": (b"text,label", NO_ROWS),
    "header and line end": (b"text,label\n", NO_ROWS),
    "open quote, label last": (b'text,label\na,1\nb,0\nc,"1\nd,0\ne,1\n', QUOTE),
    "open quote, text last": (b'label,text\n1,a\n1,a\n0,"b\n1,c\n0,d\n', QUOTE),
    "open quote, unused column last": (b'label,text,extra\n1,a,x\n1,a,x\n0,b,"y\n1,c,z\n', QUOTE),
    "open quote, text first": (b'text,label\na,1\nb,0\n"c,1\nd,0\n', QUOTE),
    "open quote, closed by the next": (b'text,label\na,1\nb,0\n"c,1\n"d",0\n"e",1\n', QUOTE),
    "text after a quote": (b'text,label\na,1\nb,0\n"c" d,1\n', QUOTE),
    "quote over rows": (
        b'text,label\na,"1\nb,0\nc,"\nd,0\n',
        ("runs over lines", "A label is one line", "close its quote"),
    ),
    "utf-16": (GOOD.encode("utf-16"), ("not UTF-8 text but UTF-16", "read as UTF-8", "save it again")),
    "latin-1": (GOOD.replace("film 3", "café").encode("latin-1"), UTF8),
    "latin-1 far below": (GOOD.encode() + b"film,1\n" * 20_000 + b"caf\xe9,1\n", UTF8),
    "latin-1 header": ("téxt,label\na,1\n".encode("latin-1"), UTF8),
    "archive": (gzip.compress(GOOD.encode()), GZIP),
    "NUL": (b"text,label\na\0b,1\n", UTF8),
    "one value more": (GOOD.encode() + b"a,b,1\nc,d,0\n", ("2 rows have", *SHAPE)),
    "one value fewer": (GOOD.encode() + b"just text\n", ("1 row has", *SHAPE)),
    "column twice": (b"text,text,label\na,b,1\n", ("'text' more than once", "must differ", "rename")),
    "semicolons": (GOOD.replace(",", ";").encode(), COMMAS),
    "tabs": (GOOD.replace(",", "\t").encode(), COMMAS),
    "no header": (GOOD.encode()[11:], ("'film 0' (strings)", "--label-column", "line with the columns' names")),
}


@pytest.mark.parametrize("case", CSV)
def test_a_csv_file_that_cannot_be_used(case: str, tmp_path: Path) -> None:
    content, parts = CSV[case]
    path = tmp_path / "reviews of films.csv"
    path.write_bytes(content)
    (problem,) = problems(path)
    assert_says(problem, str(path), *parts)


def parquet_bytes() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(rows(3000)), sink)
    return sink.getvalue().to_pybytes()


def test_a_parquet_file_that_cannot_be_used(tmp_path: Path) -> None:
    good = parquet_bytes()
    broken = ("is not a readable parquet file", "another format", "Write or download it again")
    cases = {
        b"": ("is empty (0 bytes)", "is needed", "download it again"),
        good[: len(good) // 2]: broken,
        good[:100] + bytes(3000) + good[3100:]: broken,
        GOOD.encode(): broken,
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n": (
            "Git LFS pointer",
            "not the parquet",
            "git lfs pull",
        ),
    }
    for content, parts in cases.items():
        path = tmp_path / "train.parquet"
        path.write_bytes(content)
        (problem,) = problems(path)
        assert_says(problem, str(path), *parts)


def test_a_parquet_file_with_a_column_twice(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"]), pa.array([1])], names=["text", "text", "label"])
    (problem,) = problems(write_parquet(tmp_path / "x.parquet", table))
    assert_says(problem, "x.parquet", "'text' more than once", "must differ", "rename")


def test_a_parquet_file_without_rows(tmp_path: Path) -> None:
    columns = {"text": pa.array([], pa.string()), "label": pa.array([], pa.int64())}
    (problem,) = problems(write_parquet(tmp_path / "x.parquet", columns))
    assert_says(problem, "x.parquet", *NO_ROWS)


def test_texts_that_are_not_utf8(tmp_path: Path) -> None:
    offsets = pa.array([0, 2, 4], pa.int32()).buffers()[1]
    texts = pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.py_buffer(b"\xff\xfeab")])
    (problem,) = problems(write_parquet(tmp_path / "x.parquet", {"text": texts, "label": [0, 1]}))
    assert_says(problem, "x.parquet", "bytes that are not UTF-8", "Texts are UTF-8", "write the file again")


def test_missing_and_blank_texts_are_counted_and_the_first_rows_named(tmp_path: Path) -> None:
    columns = {"text": ["a", None, "b", " \t", ""] + [None] * 5, "label": [0, 1] * 5}
    (problem,) = problems(write_parquet(tmp_path / "x.parquet", columns))
    assert_says(problem, "'text'", "8 texts are missing or blank", "rows 1, 3, 4, 5, 6, ...", "needs a text", "remove")
    (problem,) = problems(write_parquet(tmp_path / "x.parquet", {"text": pa.nulls(2), "label": [0, 1]}))
    assert_says(problem, "all 2 texts are missing")


@pytest.mark.parametrize(
    ("texts", "held"),
    [([1, 2], "integers"), ([["a"], ["b"]], "lists of strings"), ([b"a", b"b"], "values of type binary")],
)
def test_texts_that_are_no_strings(texts: list[object], held: str, tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "x.parquet", {"text": texts, "name": ["a", "b"], "label": [0, 1]})
    (problem,) = problems(path, text_column="text")
    assert_says(problem, "'text'", f"holds {held}", "Texts are strings", "--text-column")


def test_a_folder_without_train_or_with_two(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (problem,) = problems(tmp_path / "empty")
    assert_says(problem, "has no train", "it is empty", "A folder holds train", "rename")
    (problem,) = problems(folder(tmp_path / "other", {"test": rows(), "train-00000": rows()}))
    assert_says(problem, "has no train", "'test.csv', 'train-00000.csv'", "A folder holds train", "rename")
    folder(tmp_path / "two", {"train": rows(), "dev": rows(), "valid": rows()})
    write_parquet(tmp_path / "two" / "train.parquet", rows())
    several = problems(tmp_path / "two")
    assert_says(several[0], "several files for validation", "dev.csv and valid.csv", "one file", "keep one")
    assert_says(several[1], "several files for train", "train.csv and train.parquet", "one file", "keep one")


def test_a_folder_or_a_pipe_where_a_file_belongs(tmp_path: Path) -> None:
    (tmp_path / "train.csv").mkdir()
    os.mkfifo(tmp_path / "test.parquet")
    first, second = problems(tmp_path)
    assert_says(first, "train.csv is a folder", "file is needed", "move it away")
    assert_says(second, "test.parquet is no regular file", "file is needed", "move it away")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    path = write_csv(tmp_path / "x.csv", rows())
    monkeypatch.setattr(Path, "open", refuse)
    (problem,) = problems(path)
    assert_says(problem, "x.csv cannot be read (Permission denied)", "Readable files", "check its permissions")


def test_another_kind_of_file(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("{}")
    (problem,) = problems(path)
    assert_says(problem, "ends in '.txt'", "end in .parquet, .csv, .tsv, .jsonl or .json", "save it as one")


def test_the_problems_of_all_splits_and_options_come_at_once(tmp_path: Path) -> None:
    for name, more in (("train", ",1\n"), ("validation", "a,b,c\n"), ("test", "a,\n")):
        (tmp_path / f"{name}.csv").write_text(GOOD + more)
    assert [next(s for s in ("train", "validation", "test") if f"{s}.csv" in p) for p in problems(tmp_path)] == [
        "train",
        "validation",
        "test",
    ]
    (tmp_path / "test.csv").write_text("")
    found = problems(tmp_path, text_column="txt", label_column="lable", train_size=0, eval_size=-1, data_seed=-1)
    assert len(found) == 6
    assert_says(found[0], "--train-size 0 is too small", "1 or more", "leave it out")
    assert_says(found[1], "--eval-size -1 is too small", "1 or more", "leave it out")
    assert_says(found[2], "--data-seed -1 is negative", "0 or more", "give such a number")
    assert_says(found[3], "test.csv", *EMPTY)
    assert_says(found[4], "--text-column 'txt' is unknown", "Did you mean text?", "Known: label, text", "--text-column")
    assert_says(found[5], "--label-column 'lable'", "Did you mean label?", "Known: label, text", "--label-column")


LINES = "".join(f'{{"text": "film {n}", "label": {n % 2}}}\n' for n in range(20))
A_ROW = "A row is one object"
JSON = {
    "not JSON": (LINES + '{"text": oh}\n', ("line 21: not JSON (expecting value at character 10)", A_ROW, "correct")),
    "cut off": (LINES[:-9], ("line 20: the row does not end on this line", A_ROW, "correct")),
    "no object": (LINES + "\n[1]\n", ("line 22: a list instead of a row", A_ROW, "correct")),
    "a key twice": (
        LINES + '{"text": "a", "label": 1, "text": "b"}',
        ("line 21: the key 'text' stands twice", "must differ", "remove one"),
    ),
    "nested": (
        LINES + '{"text": ["a"], "label": 1}',
        ("line 21: 'text' holds a list", "A text is one string", "write the rows flat"),
    ),
    "missing keys": (LINES + '{"label": 1}\n{"label": 0}', ("2 texts are missing", "rows 20, 21", "remove these")),
    "missing labels": (LINES + '{"text": "a"}', ("1 label is missing, at row 20", "needs a class", "remove these")),
    "two kinds": (
        LINES + '{"text": "a", "label": "1"}',
        ("'label' holds integers (line 1) and strings (line 21)", "of one kind", "write them all alike"),
    ),
    "half a character": (
        LINES + '{"text": "\\udc00", "label": 1}',
        ("line 21: 'text' holds half of a character", "Write the file again"),
    ),
    "an array that goes on": (f"[{LINES.strip().replace(chr(10), ',')}]]", ("']' where nothing after", A_ROW)),
    "an array cut off": (f"[{LINES.strip().replace(chr(10), ',')}", ("the end of the file where a comma", A_ROW)),
    "utf-16": (LINES.encode("utf-16"), ("is not UTF-8 text but UTF-16", "read as UTF-8", "save it again")),
    "latin-1 far below": (
        LINES.encode() * 5000 + b'{"text": "\xe9", "label": 1}\n',
        ("is not UTF-8 text (line 100,001)", "read as UTF-8", "save it again"),
    ),
}


@pytest.mark.parametrize("case", JSON)
@pytest.mark.parametrize("packed", [False, True])
def test_a_json_file_that_cannot_be_used(case: str, packed: bool, tmp_path: Path) -> None:
    content, parts = JSON[case]
    content = content.encode() if isinstance(content, str) else content
    path = tmp_path / f"x.jsonl{'.gz' * packed}"
    path.write_bytes(gzip.compress(content) if packed else content)
    (problem,) = problems(path)
    assert_says(problem, str(path), *parts)


def test_a_gzip_file_that_cannot_be_unpacked(tmp_path: Path) -> None:
    packed = gzip.compress(os.urandom(5000).hex().encode())
    crc = packed[:-8] + bytes(4) + packed[-4:]
    cases = {"cut off": packed[:3000], "not compressed": b"text,label\n", "checksum is wrong": crc}
    for says, content in cases.items():
        path = tmp_path / "x.csv.gz"
        path.write_bytes(content)
        (problem,) = problems(path)
        assert_says(problem, str(path), says, "one gzip stream", "download it again")
    path.write_bytes(gzip.compress(gzip.compress(GOOD.encode())))
    (problem,) = problems(path)
    assert_says(problem, "compressed with gzip twice", "unpack it once")


def test_shards_that_are_not_all_there(tmp_path: Path) -> None:
    for number in (0, 3):
        write_parquet(tmp_path / "a" / f"train-{number:05}-of-00004.parquet", rows())
    (problem,) = problems(tmp_path / "a")
    assert_says(
        problem, "has 2 of the 4 shards of train", "00001, 00002 are missing", "read whole", "download the rest"
    )
    write_parquet(tmp_path / "b" / "train-00000-of-00001.parquet", rows())
    write_csv(tmp_path / "b" / "train.csv", rows())
    (problem,) = problems(tmp_path / "b")
    assert_says(problem, "several files for train", "train-00000-of-00001.parquet and train.csv", "keep one")
    write_parquet(tmp_path / "c" / "train-00000-of-00002.parquet", rows())
    write_parquet(tmp_path / "c" / "train-00001-of-00002.parquet", {"body": ["a"], "label": [1]})
    (problem,) = problems(tmp_path / "c")
    assert_says(problem, "00001-of-00002.parquet: column 'text' is unknown", "Known: body, label", "Shards share")


def test_a_sample_of_damaged_files_is_refused_in_sentences_or_read(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    found = list(cases())
    assert len(found) >= 300
    assert len({case.name for case in found}) == len(found)
    refused = 0
    for number, case in enumerate(found[::6]):
        path = case.write(tmp_path / str(number))
        try:
            data = load(path, **case.options)
        except InputError as error:
            refused += 1
            for problem in error.problems:
                assert problem.endswith((".", "?", "`")), problem
                assert problem.count(". ") >= 1 or "; " in problem, problem
        else:
            assert all(table.num_rows for table in data.splits.values())
    assert refused > 40
    assert capfd.readouterr() == ("", "")
