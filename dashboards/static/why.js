/* Every cell without a figure answers why: a click, or Enter, opens the answer that its status always has. A table is one stop of
   the Tab key; arrows move among its cells without a figure. Without a script the signs below each table say the same, and the
   question of a headline leads to them. */
(function () {
  "use strict";

  const STATUS = /\babsent-(\w+)/;

  function statusOf(cell) {
    const found = STATUS.exec(cell.className);
    return found && document.getElementById(`why-${found[1]}`) ? found[1] : null;
  }

  function prepare(cell) {
    if (cell.firstElementChild && cell.firstElementChild.tagName === "BUTTON") return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "why-button";
    button.tabIndex = -1;
    button.setAttribute("aria-haspopup", "dialog");
    button.append(...cell.childNodes);
    cell.append(button);
  }

  function prepareAll() {
    for (const table of document.querySelectorAll("table")) {
      const cells = [...table.querySelectorAll("td.absent")].filter(statusOf);
      cells.forEach(prepare);
      if (cells.length && !table.querySelector(".why-button[tabindex='0']")) cells[0].firstElementChild.tabIndex = 0;
    }
  }

  /* The next cell without a figure in a direction, in the same row or the same column. */
  function neighbour(cell, key) {
    const way = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
    const rows = [...cell.closest("tbody").rows];
    const [row, column] = [rows.indexOf(cell.parentElement), cell.cellIndex];
    const along = key === "ArrowRight" || key === "ArrowLeft" ? [...cell.parentElement.cells] : rows.map((one) => one.cells[column]);
    const from = key === "ArrowRight" || key === "ArrowLeft" ? column : row;
    for (let at = from + way; at >= 0 && at < along.length; at += way) {
      if (along[at] && along[at].querySelector(".why-button")) return along[at].querySelector(".why-button");
    }
    return null;
  }

  document.addEventListener("click", (event) => {
    const close = event.target.closest("[data-close]");
    if (close) close.closest("dialog").close();
    const asked = event.target.closest("a[data-why]");
    const answer = asked && document.getElementById(`why-${asked.dataset.why}`);
    if (answer) {
      event.preventDefault();
      answer.showModal();
    }
    const cell = event.target.closest("td.absent");
    if (cell && statusOf(cell)) document.getElementById(`why-${statusOf(cell)}`).showModal();
  });
  document.addEventListener("keydown", (event) => {
    if (!event.key.startsWith("Arrow") || !event.target.matches(".why-button")) return;
    const next = neighbour(event.target.closest("td"), event.key);
    if (!next) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
  document.addEventListener("avbrott:tables", prepareAll);
  prepareAll();
})();
