
"use strict";
// Trials to explore: parallel coordinates and a scatter that share colours, ranges and the trial pointed at.
(() => {
  const HEIGHT = 250, ABOVE = 44, GAP = 26, NEAR = 14;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  // viridis (Smith and van der Walt 2015), without the end that the background would swallow
  const VIRIDIS = ["440154", "482878", "3e4989", "31688e", "26828e", "1f9e89", "35b779", "6ece58", "b5de2b", "fde725"];

  function colour(share) {
    const part = dark.matches ? 0.28 + 0.72 * share : 0.86 * share;
    const at = part * (VIRIDIS.length - 1), low = Math.min(Math.floor(at), VIRIDIS.length - 2);
    const channel = (i) => {
      const [a, b] = [0, 1].map((next) => parseInt(VIRIDIS[low + next].slice(2 * i, 2 * i + 2), 16));
      return Math.round(a + (b - a) * (at - low));
    };
    return `rgb(${channel(0)},${channel(1)},${channel(2)})`;
  }

  function element(parent, name, attributes = {}, text = null) {
    const svg = parent.namespaceURI.endsWith("svg") || name === "svg";
    const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    if (text !== null) made.textContent = text;
    parent.append(made);
    return made;
  }

  // A number with the digits it has; a missing value in words.
  function shown(value, words) {
    if (value === null) return words.missing;
    if (typeof value === "string") return value;
    const size = Math.abs(value);
    if (Number.isInteger(value) && size < 1e15) return value.toLocaleString("en").replace(/,/g, words.group).replace("-", "−");
    const text = size >= 1e-3 && size < 1e7 ? String(Number(value.toPrecision(4))) : value.toExponential(3).replace(/\.?0+e/, "e");
    return text.replace("e+", "e").replace(/^-/, "−");
  }

  const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

  function steps(low, high, most) {
    const rough = (high - low) / most, power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
    const ticks = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i += 1) ticks.push(Number((i * step).toPrecision(12)));
    return ticks;
  }

  function decades(low, high) {
    const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
    const every = last - first <= 3 ? [1, 2, 5] : [1];
    const ticks = [];
    for (let power = first; power <= last; power += 1) every.forEach((factor) => ticks.push(Number(`${factor}e${power}`)));
    return ticks.filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
  }

  // Where an axis' values stand between two pixels; missing ones stand apart, before the first.
  function scale(axis, from, to) {
    const missing = axis.values.includes(null);
    const start = missing ? from + Math.sign(to - from) * GAP : from;
    const ends = missing ? [{ at: from, value: null }] : [];
    if (axis.categories.length) {
      const places = new Map(axis.categories.map((value, i) => [value, start + ((to - start) * (i + 0.5)) / axis.categories.length]));
      const every = Math.ceil(axis.categories.length / 18);
      const ticks = axis.categories.filter((_, i) => i % every === 0).map((value) => ({ at: places.get(value), value }));
      return { place: (value) => (value === null ? from : places.get(value)), ticks: [...ends, ...ticks] };
    }
    const form = axis.log ? Math.log10 : Number;
    const there = axis.values.filter((value) => value !== null);
    const low = there.reduce((a, b) => Math.min(a, b), Infinity), high = there.reduce((a, b) => Math.max(a, b), -Infinity);
    const [a, b] = low === high ? [form(low) - 1, form(high) + 1] : [form(low), form(high)];
    const place = (value) => (value === null ? from : start + ((form(value) - a) / (b - a)) * (to - start));
    const whole = there.every(Number.isInteger) && high - low <= 8;
    const wanted = low === high ? [low] : axis.log ? decades(low, high) : steps(low, high, whole ? high - low : 5);
    const ticks = (wanted.length > 1 || low === high ? wanted : [low, high]).map((value) => ({ at: place(value), value }));
    return { place, ticks: [...ends, ...ticks] };
  }

  function explore(box) {
    const data = JSON.parse(box.querySelector("script").textContent);
    const { axes, keys, words } = data;
    const scores = axes.filter((axis) => axis.kind === "score");
    const lines = axes.filter((axis) => axis.kind === "setting" || axis.kind === "score");
    const axisOf = (name) => axes.find((axis) => axis.name === name);
    const state = { ranges: new Map(), hot: null, colour: scores[0], x: lines[0], y: scores[0] };
    const parts = build(box, words);
    let marks = {};

    function choose(label, name, options) {
      const holder = element(parts.controls[name === "colour" ? 0 : 1], "label", {}, `${label} `);
      const select = element(holder, "select");
      options.forEach((axis) => element(select, "option", { value: axis.name }, cut(axis.label, 40)));
      select.value = state[name].name;
      select.addEventListener("change", () => { state[name] = axisOf(select.value); draw(); });
    }

    function shades() {
      const there = state.colour.values.filter((value) => value !== null);
      const low = there.reduce((a, b) => Math.min(a, b), Infinity), high = there.reduce((a, b) => Math.max(a, b), -Infinity);
      parts.legend.replaceChildren();
      const steps = 24;
      for (let i = 0; i < steps; i += 1) element(parts.legend, "rect", { x: 70 + i * 5, y: 2, width: 5.5, height: 12, fill: colour(i / (steps - 1)) });
      element(parts.legend, "text", { x: 64, y: 13, "text-anchor": "end" }, shown(low, words));
      element(parts.legend, "text", { x: 76 + steps * 5, y: 13 }, shown(high, words));
      return state.colour.values.map((value) => (value === null ? null : colour(low === high ? 0.5 : (value - low) / (high - low))));
    }

    function draw() {
      const tints = shades();
      marks = { ...drawLines(parts.parallel, lines, tints, words, keepRange), ...drawDots(parts.scatter, state, tints, words) };
      filter();
    }

    const score = (i) => state.colour.values[i] ?? -Number.MAX_VALUE;

    function keepRange(axis, range) {
      if (range) state.ranges.set(axis, range); else state.ranges.delete(axis);
      filter();
    }

    function filter() {
      const kept = keys.map((_, i) => [...state.ranges].every(([axis, [low, high]]) => {
        const at = marks.places[lines.indexOf(axis)][i];
        return at >= low && at <= high;
      }));
      marks.kept = kept;
      keys.forEach((_, i) => [marks.lines[i], marks.dots[i]].forEach((mark) => mark.classList.toggle("off", !kept[i])));
      // what is kept lies on top, the highest scores last
      const order = keys.map((_, i) => i).filter((i) => kept[i]).sort((a, b) => score(a) - score(b));
      [marks.lines, marks.dots].forEach((some) => order.forEach((i) => some[i].parentNode.append(some[i])));
      marks.bars.forEach((bar, number) => {
        const range = state.ranges.get(lines[number]);
        bar.setAttribute("visibility", range ? "visible" : "hidden");
        if (range) { bar.setAttribute("y", range[0]); bar.setAttribute("height", range[1] - range[0]); }
      });
      parts.count.textContent = words.shown.replace("{shown}", shown(order.length, words)).replace("{all}", shown(keys.length, words));
      point(state.hot !== null && kept[state.hot] ? state.hot : null);
    }

    function point(trial) {
      state.hot = trial;
      marks.hotLine.setAttribute("d", trial === null ? "" : marks.lines[trial].getAttribute("d"));
      const spot = trial === null ? [-99, -99] : marks.spots[trial];
      marks.hotDot.setAttribute("cx", spot[0]);
      marks.hotDot.setAttribute("cy", spot[1]);
      parts.details.replaceChildren();
      if (trial === null) return;
      [[words.key, keys[trial]], ...axes.map((axis) => [axis.label, shown(axis.values[trial], words)])].forEach(([name, value]) => {
        const line = element(parts.details, "div");
        element(line, "dt", {}, name);
        element(line, "dd", {}, value);
      });
    }

    function near(event, distance) {
      const frame = event.currentTarget.getBoundingClientRect();
      const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
      let [best, nearest] = [null, NEAR];
      keys.forEach((_, i) => {
        const away = marks.kept[i] ? distance(i, x, y) : Infinity;
        if (away < nearest) [best, nearest] = [i, away];
      });
      if (best !== null) point(best);
    }

    function toLine(i, x, y) {
      const along = x / marks.step - 0.5, left = Math.min(Math.max(Math.floor(along), 0), lines.length - 2);
      const share = Math.min(Math.max(along - left, 0), 1);
      const [a, b] = [marks.places[left][i], marks.places[left + 1][i]];
      return Math.abs(a + (b - a) * share - y);
    }

    function walk(event) {
      const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") return point(null);
      if (!by || event.target !== event.currentTarget) return undefined;
      event.preventDefault();
      const order = keys.map((_, i) => i).filter((i) => marks.kept[i]).sort((a, b) => score(b) - score(a) || a - b);
      if (!order.length) return undefined;
      const at = order.indexOf(state.hot);
      return point(order[at < 0 ? 0 : (at + by + order.length) % order.length]);
    }

    choose(words.colour, "colour", scores);
    choose(words.horizontal, "x", axes);
    choose(words.vertical, "y", axes);
    parts.clear.addEventListener("click", () => { state.ranges.clear(); filter(); });
    parts.parallel.addEventListener("pointermove", (event) => near(event, toLine));
    parts.scatter.addEventListener("pointermove", (event) => near(event, (i, x, y) => Math.hypot(marks.spots[i][0] - x, marks.spots[i][1] - y)));
    [parts.parallel, parts.scatter].forEach((svg) => svg.parentNode.addEventListener("keydown", walk));
    dark.addEventListener("change", draw);
    addEventListener("resize", draw);
    draw();
  }

  function build(box, words) {
    const controls = [element(box, "div", { class: "controls" })];
    const legend = element(controls[0], "svg", { width: 280, height: 18, class: "legend", "aria-hidden": "true" });
    controls[0].prepend(legend);
    const clear = element(controls[0], "button", { type: "button" }, words.clear);
    const count = element(controls[0], "span", { class: "count", "aria-live": "polite" });
    const drawing = (name) => {
      element(box, "h4", {}, words[name]);
      if (name === "scatter") controls.push(element(box, "div", { class: "controls" }));
      return element(element(box, "div", { class: "drawing", tabindex: 0, role: "group", "aria-label": words[name] }), "svg");
    };
    const parallel = drawing("parallel");
    element(box, "p", { class: "hint" }, words.hint);
    const details = element(box, "dl", { class: "details", "aria-live": "polite" });
    const scatter = drawing("scatter");
    return { controls, legend, clear, count, parallel, scatter, details };
  }

  function drawLines(svg, lines, tints, words, keepRange) {
    const bottom = ABOVE + HEIGHT, scales = lines.map((axis) => scale(axis, bottom, ABOVE));
    svg.replaceChildren();
    const step = Math.min(Math.max(svg.parentNode.clientWidth / lines.length, 116), 210);
    svg.setAttribute("width", lines.length * step);
    svg.setAttribute("height", bottom + 12);
    const across = (number) => step * (number + 0.5);
    const places = lines.map((axis, number) => axis.values.map(scales[number].place));
    const group = element(svg, "g", { "stroke-opacity": tints.length > 300 ? 0.4 : 1 });
    const paths = tints.map((tint, i) => element(group, "path", {
      class: "trial", stroke: tint || "gray", d: `M${places.map((place, number) => `${across(number)} ${place[i].toFixed(1)}`).join("L")}`,
    }));
    const hotLine = element(svg, "path", { class: "hot" });
    const bars = lines.map((axis, number) => {
      const x = across(number), bar = element(svg, "rect", { class: "range", x: x - 8, width: 16, visibility: "hidden" });
      element(svg, "line", { class: "scale", x1: x, x2: x, y1: ABOVE, y2: bottom });
      // long names of neighbours would run into each other in one row
      const label = element(svg, "text", { x, y: number % 2 ? 14 : 30, "text-anchor": "middle" }, cut(axis.label, 28));
      element(label, "title", {}, axis.label);
      scales[number].ticks.forEach((tick) => {
        element(svg, "text", { class: "tick", x: x + 10, y: tick.at + 4 }, cut(shown(tick.value, words), 12));
      });
      range(element(svg, "rect", { class: "handle", x: x - 12, width: 24, y: ABOVE - 6, height: HEIGHT + 12, tabindex: 0, role: "slider" }),
        axis, bar, (kept) => keepRange(axis, kept));
      return bar;
    });
    return { lines: paths, places, bars, hotLine, step };
  }

  // Lets a pointer or the arrow keys choose a range on an axis; a click, or Escape, gives it up.
  function range(handle, axis, bar, keep) {
    const top = ABOVE - 6, bottom = ABOVE + HEIGHT + 6;
    let start = null;
    const at = (event) => Math.min(Math.max(event.clientY - handle.ownerSVGElement.getBoundingClientRect().top, top), bottom);
    handle.setAttribute("aria-label", axis.label);
    handle.addEventListener("pointerdown", (event) => { start = at(event); handle.setPointerCapture(event.pointerId); event.preventDefault(); });
    handle.addEventListener("pointermove", (event) => {
      if (start !== null && Math.abs(at(event) - start) >= 4) keep([Math.min(start, at(event)), Math.max(start, at(event))]);
    });
    handle.addEventListener("pointerup", (event) => { if (Math.abs(at(event) - start) < 4) keep(null); start = null; });
    handle.addEventListener("keydown", (event) => {
      const by = { ArrowUp: -HEIGHT / 20, ArrowDown: HEIGHT / 20 }[event.key];
      if (event.key === "Escape") keep(null);
      if (!by) return;
      event.preventDefault();
      const first = bar.getAttribute("visibility") === "hidden" ? (by > 0 ? top : bottom - HEIGHT / 5) : Number(bar.getAttribute("y")) + by;
      const low = Math.min(Math.max(first, top), bottom - HEIGHT / 5);
      keep([low, low + HEIGHT / 5]);
    });
  }

  function drawDots(svg, { x, y }, tints, words) {
    const [left, top, right, bottom] = [84, 12, 600, 312];
    const across = scale(x, left + 12, right - 12), down = scale(y, bottom - 12, top + 12);
    const slanted = across.ticks.length > 5 && across.ticks.some((tick) => shown(tick.value, words).length > 6);
    svg.replaceChildren();
    svg.setAttribute("width", right + 10);
    svg.setAttribute("height", bottom + (slanted ? 84 : 48));
    element(svg, "path", { class: "scale", fill: "none", d: `M${left} ${top}V${bottom}H${right}` });
    down.ticks.forEach((tick) => element(svg, "text", { class: "tick", x: left - 6, y: tick.at + 4, "text-anchor": "end" }, cut(shown(tick.value, words), 10)));
    across.ticks.forEach((tick) => element(svg, "text", {
      class: "tick", x: tick.at, y: bottom + 16, "text-anchor": slanted ? "end" : "middle",
      ...(slanted ? { transform: `rotate(-35 ${tick.at} ${bottom + 16})` } : {}),
    }, cut(shown(tick.value, words), 14)));
    element(svg, "text", { x: (left + right) / 2, y: bottom + (slanted ? 78 : 40), "text-anchor": "middle" }, cut(x.label, 60));
    element(svg, "text", { x: 14, y: (top + bottom) / 2, "text-anchor": "middle", transform: `rotate(-90 14 ${(top + bottom) / 2})` }, cut(y.label, 40));
    // trials of one category would hide each other
    const aside = (axis, i, size) => (axis.categories.length ? (((i * 0.618034) % 1) - 0.5) * Math.min(16, size / axis.categories.length / 2) : 0);
    const spots = tints.map((_, i) => [
      across.place(x.values[i]) + aside(x, i, right - left), down.place(y.values[i]) + aside(y, i, bottom - top),
    ]);
    const group = element(svg, "g");
    const dots = spots.map(([cx, cy], i) => element(group, "circle", { class: "dot", r: 4, cx: cx.toFixed(1), cy: cy.toFixed(1), fill: tints[i] || "gray" }));
    return { dots, spots, hotDot: element(svg, "circle", { class: "hot", r: 6, cx: -99, cy: -99 }) };
  }

  document.querySelectorAll(".explorer").forEach(explore);
})();
