"""The HTML is one file that fetches nothing, runs only its own scripts, and shows every name as it is."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from analysis.language import speaking
from analysis.markdown import score, table
from analysis.report.formats import Explorer, explorer, write
from tests.analysis.conftest import QUESTION
from tests.analysis.report.formats.conftest import HOSTILE

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


def frame(count: int = 6) -> pd.DataFrame:
    """Trials whose settings have hostile names and values, one of them without a score."""
    return pd.DataFrame(
        {
            "key": [f"{i:04d}" for i in range(count)],
            "model": HOSTILE[0],
            "data": "reviews",
            "phase": ["compare" if i % 2 else "tune" for i in range(count)],
            "status": "finished",
            "seed": [i % 3 for i in range(count)],
            "learning_rate": [10.0 ** -(2 + i % 3) for i in range(count)],
            HOSTILE[1]: [HOSTILE[i % len(HOSTILE)] for i in range(count)],
            "f1": [None, *(0.5 + i / 100 for i in range(1, count))],
            "test_f1": [0.4 + i / 100 if i % 2 else None for i in range(count)],
        }
    )


def explored(count: int = 6) -> Explorer:
    found = explorer(frame(count), QUESTION)
    assert found
    return found


class Reader(HTMLParser):
    """The elements, scripts and text of a page, as a browser reads them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text: list[str] = []
        self.inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.inside = tag

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        (self.scripts if self.inside == "script" else self.text).append(data)


@pytest.fixture
def page(folder: Path, text: str) -> str:
    write(text, folder, ["html"], [explored()])
    return (folder / "report.html").read_text(encoding="utf-8")


def test_only_its_own_scripts_may_run_and_nothing_is_fetched(page: str) -> None:
    read = Reader(page)
    kinds = [(dict(attrs).get("type"), "src" in attrs) for tag, attrs in read.elements if tag == "script"]
    assert kinds == [("application/json", False), (None, False), (None, False)]
    policy = next(str(a["content"]) for t, a in read.elements if a.get("http-equiv") == "Content-Security-Policy")
    own = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in read.scripts[1:]]
    assert re.search(r"script-src ([^;]*);", policy)[1] == " ".join(f"'sha256-{one}'" for one in own)  # type: ignore[index]
    assert policy.startswith("default-src 'none'; img-src data:;")
    fetched = {"link", "iframe", "object", "embed", "base", "form", "meta-refresh", "video", "audio"}
    assert not fetched & {tag for tag, _ in read.elements}
    assert not [a for _, a in read.elements for name in a if name.startswith("on") or name == "style"]
    sources = [str(a["src"]) for _, a in read.elements if "src" in a]
    assert [source[:26] for source in sources] == ["data:image/svg+xml;base64,"]


def test_hostile_names_are_text(page: str) -> None:
    read = Reader(page)
    shown = " ".join("".join(read.text).replace("\N{NO-BREAK SPACE}", " ").split())
    for name in HOSTILE:
        assert shown.count(" ".join(name.split())) >= 3, name
    links = [str(a["href"]) for t, a in read.elements if t == "a"]
    assert [link for link in links if not link.startswith("#")] == [
        "table.csv",
        "https://example.org/a_b?x=1&y=2%20#z",
    ]


def test_contents_lead_to_headings(page: str) -> None:
    read = Reader(page)
    marks = [a["id"] for _, a in read.elements if "id" in a]
    assert len(marks) == len(set(marks))
    assert {str(a["href"])[1:] for t, a in read.elements if t == "a" and str(a["href"]).startswith("#")} <= set(marks)


def test_the_data_of_an_explorer_come_back_whole() -> None:
    found = explored()
    told = found.to_json()
    assert "<" not in told
    assert json.loads(told)["axes"][1]["label"] == HOSTILE[1]
    axes = {axis.name: axis for axis in found.axes}
    assert (axes["learning_rate"].log, axes["learning_rate"].categories) == (True, ())
    assert axes["f1"].values == (None, 0.51, 0.52, 0.53, 0.54, 0.55)
    assert axes["test_f1"].values[:2] == (None, 0.41)
    assert set(axes[HOSTILE[1]].categories) == set(HOSTILE[:6])
    assert set(axes) == {"learning_rate", HOSTILE[1], "f1", "test_f1", "seed", "phase"}
    assert not found.notes


def test_of_very_many_trials_a_stated_part_is_drawn_evenly() -> None:
    found = explored(9001)
    assert len(found.keys) == len(set(found.keys)) == 2000
    assert (found.keys[0], found.keys[-1]) == ("0000", "9000")
    gaps = pd.Series(found.keys).astype(int).diff().dropna()
    assert (gaps.min(), gaps.max()) == (4, 5)
    assert found.notes == ("2,000 trials are drawn, chosen evenly of 9,001 trials by their keys.",)


def test_uneven_numbers_and_booleans_are_categories() -> None:
    trials = frame().assign(
        rank=[0, 2, 8, 64, 0, 2],
        share=[0.01, 0.3, 0.5, 0.6, 0.8, 0.9],
        flag=pd.array([True, False, None, True, True, True], "boolean"),
    )
    found = explorer(trials, QUESTION)
    assert found
    axes = {axis.name: axis for axis in found.axes}
    assert axes["rank"].categories == (0, 2, 8, 64)
    assert (axes["share"].log, axes["share"].categories) == (False, ())
    assert (axes["flag"].categories, axes["flag"].values[2]) == (("False", "True"), None)


def test_a_metric_of_another_name_is_a_score_and_no_setting() -> None:
    trials = frame().rename(columns={"f1": "metric.rouge", "test_f1": "test_metric.rouge"})
    found = explorer(trials, replace(QUESTION, metric="rouge"))
    assert found
    scores = [(axis.name, axis.label) for axis in found.axes if axis.kind == "score"]
    assert scores == [("metric.rouge", "validation rouge"), ("test_metric.rouge", "test rouge")]
    assert {axis.name for axis in found.axes if axis.kind == "setting"} == {"learning_rate", HOSTILE[1]}


def test_what_is_compared_and_tuned_comes_first_and_what_says_nothing_is_left_out() -> None:
    trials = frame().assign(
        **{"adapter.activation": [None, "style"] * 3}, frozen_layers=[0, 1, 2] * 2, batch_size=[8, 16, 16] * 2
    )
    found = explorer(trials[["adapter.activation", "batch_size", *frame().columns, "frozen_layers"]], QUESTION)
    assert found
    names = [axis.name for axis in found.axes if axis.kind == "setting"]
    assert names == ["frozen_layers", "learning_rate", "batch_size", HOSTILE[1]]


def test_phases_are_said_in_the_language() -> None:
    with speaking("es"):
        axes = {axis.name: axis for axis in explored().axes}
    assert axes["phase"].categories == ("ajuste", "comparación")


def test_without_scores_or_settings_that_differ_there_is_nothing_to_explore() -> None:
    assert explorer(frame().assign(f1=None, test_f1=None), QUESTION) is None
    assert explorer(frame().assign(learning_rate=0.1).drop(columns=HOSTILE[1]), QUESTION) is None
    assert explorer(frame().iloc[:0], QUESTION) is None


def test_the_page_says_its_language(folder: Path, text: str) -> None:
    with speaking("es"):
        write(text, folder, ["html"], [explored()])
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert '<html lang="es">' in page
    assert "Explorar los ensayos" in page


CLICKS = """
const column = (table, at) => [...table.tBodies[0].rows].map((row) => row.cells[at].textContent);
const table = document.querySelector("main table"), said = {};
const click = (at) => { table.tHead.rows[0].cells[at].querySelector("button").click(); return column(table, at); };
said.up = click(0); said.down = click(0); said.back = click(0);
said.grouped = click(1); said.scores = click(2); said.scoresDown = click(2); said.p = click(3);
said.sort = table.tHead.rows[0].cells[3].getAttribute("aria-sort");
const box = document.querySelector(".explorer"), svgs = box.querySelectorAll(".drawing svg");
const at = (target, type, x, y) => target.dispatchEvent(
  new PointerEvent(type, { clientX: x, clientY: y, bubbles: true, pointerId: 1 }));
said.lines = svgs[0].querySelectorAll(".trial").length; said.dots = svgs[1].querySelectorAll(".dot").length;
const handle = svgs[0].querySelector(".handle"), frame = svgs[0].getBoundingClientRect();
handle.setPointerCapture = () => {};
const edge = frame.top + 44, off = (svg) => svg.querySelectorAll(".off").length;
at(handle, "pointerdown", 0, edge); at(handle, "pointermove", 0, edge + 6); at(handle, "pointerup", 0, edge + 6);
said.brushed = [box.querySelector(".count").textContent, off(svgs[0]), off(svgs[1])];
at(handle, "pointerdown", 0, edge); at(handle, "pointerup", 0, edge);
said.cleared = off(svgs[0]);
box.querySelector(".drawing").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
said.best = [...box.querySelectorAll(".details dd")].map((one) => one.textContent);
const spot = svgs[1].querySelectorAll(".dot")[2], around = spot.getBoundingClientRect();
at(svgs[1], "pointermove", around.left + 4, around.top + 4);
said.pointed = box.querySelector(".details dd").textContent;
document.body.textContent = ""; document.title = JSON.stringify(said);
"""


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_tables_sort_and_trials_are_explored_in_a_browser(page: str, tmp_path: Path) -> None:
    policy = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
    path = tmp_path / "clicked.html"
    path.write_text(policy.sub("", page).replace("</body>", f"<script>{CLICKS}</script></body>"), encoding="utf-8")
    said = json.loads(re.search(r"<title>(.*?)</title>", opened(path), re.DOTALL)[1].replace("&lt;", "<"))  # type: ignore[index]
    assert (said["up"], said["down"], said["back"]) == (["2", "9", "10"], ["10", "9", "2"], ["10", "9", "2"])
    assert said["grouped"] == ["3", "21", "1,066"]
    assert [cell[:6] for cell in said["scores"]] == ["−0.003", "0.787 ", "–"]
    assert [cell[:6] for cell in said["scoresDown"]] == ["0.787 ", "−0.003", "–"]
    assert (said["p"], said["sort"]) == (["< 0.001", "0.031", "0.25"], "ascending")
    assert (said["lines"], said["dots"]) == (6, 6)
    assert said["brushed"] == ["2 of 6 trials shown", 4, 4]
    assert said["cleared"] == 0
    assert said["best"][0] == "0005"
    assert said["pointed"] in [f"{i:04d}" for i in range(6)]


WRAPPED = """
const lines = (node) => {
  const range = document.createRange(); range.selectNodeContents(node); const rows = new Set();
  [...range.getClientRects()].forEach((box) => rows.add(Math.round(box.bottom)));
  return rows.size;
};
const said = { cells: [...document.querySelectorAll("main td")].map((cell) => [cell.textContent, lines(cell)]) };
document.querySelector(".drawing").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
said.details = [...document.querySelectorAll(".details div")].map((row) => [...row.children].map((part) =>
  [part.textContent, lines(part)]));
said.wide = [...document.querySelectorAll(".details dd")].some((one) => one.scrollWidth > one.clientWidth + 1);
document.body.textContent = ""; document.title = JSON.stringify(said);
"""


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_words_and_numbers_are_not_broken(folder: Path) -> None:
    heads = ["setting", *(f"a rather long heading {n}" for n in range(12)), "role"]
    cells = [["lora rank 8", *[score(0.787, 0.765, 0.808)] * 12, "baseline"]]
    axes = explored().axes
    found = replace(axes[0], name="cost", label="trainable parameters", values=(148_226,) * 6, categories=(), log=False)
    long = replace(axes[0], name="long", label="path", values=("x" * 90,) * 6, categories=("x" * 90,), log=False)
    shown = replace(explored(), axes=(*axes, found, long))
    with speaking("es"):
        write("# A\n\n" + table(heads, cells), folder, ["html"], [shown])
    page = (folder / "report.html").read_text(encoding="utf-8")
    policy = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
    path = folder / "wrapped.html"
    path.write_text(policy.sub("", page).replace("</body>", f"<script>{WRAPPED}</script></body>"), encoding="utf-8")
    said = json.loads(re.search(r"<title>(.*?)</title>", opened(path), re.DOTALL)[1].replace("&lt;", "<"))  # type: ignore[index]
    assert all(lines == 1 for words, lines in said["cells"]), said["cells"]
    number = next(row for row in said["details"] if row[0][0] == "trainable parameters")
    assert number[1][1] == 1
    assert re.sub(r"\W", "", number[1][0]) == "148226"
    assert not said["wide"]


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_its_policy_lets_its_own_scripts_run_and_no_other(page: str, folder: Path) -> None:
    path = folder / "report.html"
    path.write_text(page.replace("</body>", "<script>document.title = 'other'</script></body>"), encoding="utf-8")
    dom = opened(path)
    assert "<title>other" not in dom
    assert '<th scope="col" class="number"><button' in dom
    assert 'class="trial"' in dom


def opened(path: Path) -> str:
    """The page's elements after its scripts have run."""
    command = [
        str(CHROMIUM),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={path.parent / 'profile'}",
    ]
    quiet = ["--disable-background-networking", "--window-size=1200,900", "--virtual-time-budget=2000", "--dump-dom"]
    done = subprocess.run([*command, *quiet, path.as_uri()], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout
