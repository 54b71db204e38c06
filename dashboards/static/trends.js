/* The tool of trends: a reader chooses lines, and the choice is the address (after #), so that it can be sent, kept and gone back
   from. The address is read anew at each change of it; the controls do nothing but change it. */
(function () {
  "use strict";

  const trends = window.AVBROTT_TRENDS;
  const tool = document.getElementById("explorer");
  if (!trends || !tool) return;
  const { about, said, element } = trends;
  const { render, decoded, SYMBOLS, SIGNS } = window.AVBROTT_CHARTS;
  const find = (name) => tool.querySelector(`[data-part="${name}"]`);
  const [form, plot] = [find("form"), find("plot")];
  const OWN = ["table", "measure", "intervals", "line"];
  let state = null;
  let drawing = 0;
  let redraw = null;

  /* State from the address; what it does not say, or says of what is not there, is as at the beginning. */
  function fromAddress() {
    const given = { line: [] };
    for (const part of location.hash.slice(1).split("&")) {
      const [name, value] = part.split("=");
      if (name === "line" && value) given.line.push(value);
      else if (OWN.includes(name) && value) given[name] = decoded(value);
    }
    const table = given.table in about.tables ? given.table : about.first;
    const own = about.tables[table];
    const lines = given.line.map((text) => lineFrom(table, text)).filter(Boolean);
    const begin = own.begin.map((text) => ({ codes: text.split(","), pooled: false }));
    return {
      table,
      measure: own.share && given.measure !== "persons" ? "share" : "persons",
      intervals: given.intervals !== "no",
      lines: (lines.length || given.table === table ? lines : begin).slice(0, about.most),
    };
  }

  function lineFrom(table, text) {
    const [codes, kind] = text.split("~");
    const line = { codes: codes.split(",").map(decoded), pooled: kind === "pooled" };
    const { dimensions } = about.tables[table];
    const there = line.codes.length === dimensions.length && dimensions.every(({ codes: listed }, at) => listed.some(([code]) => code === line.codes[at]));
    return there && trends.place(table, line) ? line : null;
  }

  const lineText = (line) => line.codes.map(encodeURIComponent).join(",") + (line.pooled ? "~pooled" : "");

  function toAddress(next) {
    const others = location.hash.slice(1).split("&").filter((part) => part.includes("=") && !OWN.includes(part.split("=")[0]));
    const own = [`table=${encodeURIComponent(next.table)}`, `measure=${next.measure}`, ...(next.intervals ? [] : ["intervals=no"]), ...next.lines.map((line) => `line=${lineText(line)}`)];
    location.hash = [...own, ...others].join("&");
  }

  function say(text) {
    find("said").textContent = text;
  }

  /* The controls of a table: a list for each dimension, in reading order, those that stand under others set in. */
  function offerDimensions() {
    const own = about.tables[state.table];
    const begin = own.begin[0].split(",");
    const made = own.dimensions.map(({ name, codes: listed }, at) => {
      const list = element("select", { name });
      for (const [code, depth] of listed) list.append(element("option", { value: code }, "\u00a0\u00a0\u00a0".repeat(depth) + about.labels[name][code]));
      list.value = begin[at];
      return element("label", { class: "control" }, element("span", {}, about.names[name]), list);
    });
    find("dimensions").replaceChildren(...made);
    form.dataset.table = state.table;
  }

  function offer() {
    form.elements.table.value = state.table;
    if (form.dataset.table !== state.table) offerDimensions();
    for (const box of form.elements.measure) {
      box.checked = box.value === state.measure;
      box.disabled = box.value === "share" && !about.tables[state.table].share;
    }
    form.elements.intervals.checked = state.intervals;
    form.elements.intervals.disabled = state.measure !== "share";
    const full = state.lines.length >= about.most;
    find("add").disabled = full;
    find("full").hidden = !full;
  }

  /* The lines that are drawn, each with what can be done about it. */
  async function legend(lines) {
    const items = await Promise.all(lines.map(async (line, at) => {
      const other = { codes: line.codes, pooled: !line.pooled };
      const there = await trends.read(state.table, other);
      const missing = line.years.some((year) => ["hidden", "unreliable"].includes(year[state.measure].status));
      const helps = there && there.some((year) => year[state.measure].value !== null) && (line.pooled || missing);
      const item = element("li", { "data-line": line.key },
        element("span", { class: `swatch swatch-${at + 1}`, "aria-hidden": "true" }, SIGNS[at]), ` ${line.label} `);
      if (helps) item.append(button(line.pooled ? "single" : "pooled", line, () => change(at, other)));
      item.append(button("remove", line, () => {
        toAddress({ ...state, lines: state.lines.filter((_, place) => place !== at) });
        say(said(about.texts.removed, { label: line.label }));
        find("legend").focus();
      }));
      return item;
    }));
    return items;
  }

  function change(at, line) {
    toAddress({ ...state, lines: state.lines.map((one, place) => (place === at ? line : one)) });
    find("legend").focus();
  }

  function button(name, line, act) {
    const made = element("button", { type: "button", class: "small", "data-act": name }, about.texts[name], element("span", { class: "unseen" }, `: ${line.label}`));
    made.addEventListener("click", act);
    return made;
  }

  /* Breaks that a line crosses: those of its dimensions and codes, as on every other chart. */
  function crossed(lines) {
    const own = about.tables[state.table];
    const names = own.dimensions.map((one) => one.name);
    const divided = new Set(lines.flatMap((line) => names.filter((_, at) => line.codes[at] !== "Total")));
    const codes = new Set(lines.flatMap((line) => line.codes));
    const years = lines.flatMap((line) => line.years.flatMap((year) => year.year.split(".."))).sort();
    return own.breaks.filter((one) => one.year > years[0] && one.year <= years[years.length - 1]
      && (!one.dimensions.length || one.dimensions.some((name) => divided.has(name)))
      && (!one.codes.length || one.codes.some((code) => codes.has(code))));
  }

  /* Years at either end of which no line can have a figure are left out. */
  function trimmed(lines, measure) {
    const can = (code) => lines.some((line) => line.years.some((year) => year.year === code && year[measure].status !== "not_applicable"));
    return lines.map((line) => {
      const kept = line.years.map((year) => can(year.year));
      return { ...line, years: line.years.slice(kept.indexOf(true), kept.lastIndexOf(true) + 1) };
    }).filter((line) => line.years.length);
  }

  async function show() {
    state = fromAddress();
    offer();
    const turn = (drawing += 1);
    const read = await Promise.all(state.lines.map((line) => trends.read(state.table, line)));
    if (turn !== drawing) return;
    const all = state.lines
      .map((line, at) => ({ ...line, key: lineText(line), label: trends.lineLabel(state.table, line), years: read[at] || [] }));
    const items = await legend(all);
    if (turn !== drawing) return;
    const lines = trimmed(all, state.measure);
    find("legend").replaceChildren(...items);
    words(lines);
    redraw = () => {
      for (const line of lines) line.breaks = crossed([line]).map((one) => one.year);
      const { data, layout } = trends.figure(lines, state.measure, state.intervals, crossed(lines), SYMBOLS);
      plot.hidden = !lines.length;
      if (lines.length) render(plot, data, layout);
    };
    redraw();
    tool.dataset.shown = location.hash;
  }

  function words(lines) {
    const own = about.tables[state.table];
    const subtitle = state.measure === "share" ? own.of : about.texts.persons;
    const told = lines.map((line) => trends.summary(line, state.measure));
    find("title").textContent = own.title;
    find("subtitle").textContent = subtitle;
    find("empty").hidden = lines.length > 0;
    find("heading").hidden = find("figures").hidden = !lines.length;
    find("summary").replaceChildren(...told.map((text) => element("li", {}, text)));
    plot.setAttribute("aria-label", [own.title, subtitle, ...told].join(". "));
    const breaks = crossed(lines);
    find("breaks").hidden = !breaks.length;
    find("breaks-list").replaceChildren(...breaks.map((one) => element("li", {}, one.text)));
    find("tables").replaceChildren(...trends.tables(lines, state.measure));
    document.dispatchEvent(new CustomEvent("avbrott:tables"));
    const below = new Set(lines.flatMap((line) => line.years.map((year) => year[state.measure].status)));
    for (const item of find("strip").children) item.hidden = !below.has(item.dataset.status);
    const absent = new Set(lines.flatMap((line) => line.years.flatMap((year) => [year[state.measure].status, year.persons.status])));
    for (const item of find("signs").querySelectorAll("[data-status]")) item.hidden = !absent.has(item.dataset.status);
    find("signs").hidden = !Object.keys(about.status).some((status) => absent.has(status));
    const sources = [own, ...(lines.some((line) => line.pooled) ? [own.pooled] : [])];
    Object.assign(plot.dataset, { title: own.title, subtitle, source: said(form.dataset.source, { source: sources.map((one) => one.title).join(", ") }) });
    find("sources").replaceChildren(...sources.flatMap((one, at) => [at ? ", " : "", element("a", { href: one.file }, `${one.title} (CSV)`)]));
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const line = { codes: about.tables[state.table].dimensions.map(({ name }) => form.elements[name].value), pooled: false };
    const label = trends.lineLabel(state.table, line);
    if (state.lines.some((one) => lineText(one) === lineText(line))) return say(said(about.texts.already, { label }));
    if (state.lines.length >= about.most) return undefined;
    toAddress({ ...state, lines: [...state.lines, line] });
    return say(said(about.texts.added, { label }));
  });
  form.elements.table.addEventListener("change", () => {
    const table = form.elements.table.value;
    toAddress({ ...state, table, measure: about.tables[table].share ? state.measure : "persons", lines: about.tables[table].begin.map((text) => ({ codes: text.split(","), pooled: false })) });
  });
  for (const box of form.elements.measure) box.addEventListener("change", () => toAddress({ ...state, measure: box.value }));
  form.elements.intervals.addEventListener("change", () => toAddress({ ...state, intervals: form.elements.intervals.checked }));
  window.addEventListener("hashchange", () => {
    if (!location.hash || location.hash.includes("=")) show();
  });
  document.addEventListener("avbrott:redraw", () => redraw && redraw());

  tool.hidden = false;
  show();
})();
