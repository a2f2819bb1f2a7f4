
"use strict";
// Tables that sort: a click on a header sorts by its column, upwards, then downwards, then as they were.
(() => {
  const LEADING = /^[\s←→*†‡≈~±]*([<≤>≥]?)\s*([+\-−]?)(\d[\d,\u00a0\u202f]*(?:\.\d+)?(?:e[+\-−]?\d+)?)/i;

  // The number that a cell begins with; NaN where it begins with none.
  function leading(text) {
    const found = LEADING.exec(text);
    if (!found) return NaN;
    const size = Number(found[3].replace(/[,\u00a0\u202f]/g, "").replace("−", "-"));
    const number = found[2] === "-" || found[2] === "−" ? -size : size;
    // a bound lies just beyond its number
    const beyond = Math.abs(number) * 1e-9 || 1e-300;
    return found[1] === "<" ? number - beyond : found[1] === ">" ? number + beyond : number;
  }

  const empty = (text) => text === "" || text === "–";

  // Compares two cells; cells with nothing to sort by come last in both directions.
  function comparison(numbers, sign) {
    return (a, b) => {
      const [left, right] = numbers ? [leading(a.text), leading(b.text)] : [a.text, b.text];
      const without = (cell, value) => empty(cell.text) || (numbers && Number.isNaN(value));
      const last = without(a, left) - without(b, right);
      if (last || without(a, left)) return last || a.place - b.place;
      const order = numbers ? left - right : left.localeCompare(right, document.documentElement.lang, { numeric: true });
      return sign * order || a.place - b.place;
    };
  }

  function sortable(table) {
    const body = table.tBodies[0];
    if (!body || !table.tHead || body.rows.length < 2) return;
    const rows = [...body.rows];
    const headers = [...table.tHead.rows[0].cells];
    headers.forEach((header, column) => {
      if (!header.textContent.trim()) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...header.childNodes);
      header.append(button);
      button.addEventListener("click", () => {
        const next = { ascending: "descending", descending: "none" }[header.getAttribute("aria-sort")] || "ascending";
        headers.forEach((other) => other.removeAttribute("aria-sort"));
        if (next !== "none") header.setAttribute("aria-sort", next);
        const cells = rows.map((row, place) => ({ row, place, text: row.cells[column].textContent.trim() }));
        const filled = cells.filter((cell) => !empty(cell.text));
        const numbers = filled.filter((cell) => !Number.isNaN(leading(cell.text))).length * 2 > filled.length;
        if (next !== "none") cells.sort(comparison(numbers, next === "ascending" ? 1 : -1));
        body.append(...cells.map((cell) => cell.row));
      });
    });
  }

  document.querySelectorAll("main table").forEach(sortable);
})();
