/* Draws the figures of a page. The figures are window.AVBROTT.figures, made beside the tables they repeat; colours in them are
   names of CSS tokens, looked up here so that one figure serves light, dark and printed pages. */
(function () {
  "use strict";

  const MOST = 6;
  /* The width of a printed page of A4 within its margins, in pixels. */
  const PAPER = 660;
  const STRIP_ROW = 16;
  const SYMBOLS = ["circle", "square", "diamond", "triangle-up", "cross", "star"];
  const SIGNS = ["●", "■", "◆", "▲", "✚", "★"];
  const { uncovered, lowered, upended, namedAbove, hatched } = window.AVBROTT_FORMS;
  const figures = (window.AVBROTT || {}).figures || {};
  const chosen = {};

  /* Tokens may be system colours, which only the browser knows: an element that wears the colour says what it is. */
  const probe = document.createElement("span");
  probe.className = "probe";
  document.body.append(probe);

  function colourOf(token) {
    probe.style.color = token;
    return getComputedStyle(probe).color;
  }

  /* The colours of a figure in place of their tokens. Each token is looked up once: the browser reckons styles anew each time. */
  function resolved(value, known = new Map()) {
    if (typeof value === "string") {
      if (!/^var\(--[\w-]+\)$/.test(value)) return value;
      if (!known.has(value)) known.set(value, colourOf(value));
      return known.get(value);
    }
    if (Array.isArray(value)) return value.map((one) => resolved(one, known));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, resolved(one, known)]));
    }
    return value;
  }

  /* The chosen series in the order of the figure, which is the same in both languages; the legend may list them by name. */
  function inOrder(id) {
    return [...new Set(figures[id].data.map((trace) => trace.meta))].filter((code) => chosen[id].has(code));
  }

  /* What is drawn of a figure whose series the reader chooses: the chosen ones, coloured in the order of the figure. */
  function visible(id, data) {
    const codes = chosen[id];
    if (!codes) return data;
    const order = inOrder(id);
    return data.map((trace) => {
      const place = order.indexOf(trace.meta);
      if (place < 0) return { ...trace, visible: false };
      const colour = `var(--series-${place + 1})`;
      const marker = { ...trace.marker, color: colour };
      if (marker.line) marker.line = { ...marker.line, color: colour };
      const late = trace.legendgroup === "preliminary";
      if (trace.line) marker.symbol = SYMBOLS[place] + (late ? "-open" : "");
      return { ...trace, visible: true, marker, line: trace.line && { ...trace.line, color: colour, dash: late ? "dot" : "solid" } };
    });
  }

  const drawn = new WeakMap();

  /* What is drawn in a place, in the colours of paper whatever the screen's are. */
  function onPaper(plot, change) {
    const { classList } = document.documentElement;
    const was = classList.contains("printing");
    classList.add("printing");
    const style = getComputedStyle(document.documentElement);
    const figure = resolved(change(drawn.get(plot)));
    if (!was) classList.remove("printing");
    figure.layout.font = { ...figure.layout.font, family: style.fontFamily };
    return figure;
  }

  /* Takes the still of a figure away and draws over it, as high: nothing below moves, nor what the reader has scrolled to. */
  function replace(plot, draws) {
    const still = plot.querySelector(":scope > .still");
    if (still) {
      plot.style.minHeight = `${still.offsetHeight}px`;
      still.remove();
    }
    draws();
    plot.style.minHeight = "";
    plot.dispatchEvent(new CustomEvent("avbrott:drawn"));
  }

  /* Draws any figure whose colours are names of tokens; until plotly is there its still stands, and all are drawn anew then. */
  function render(plot, made, asked) {
    if (!window.Plotly) return;
    const printing = document.documentElement.classList.contains("printing");
    const seen = { data: uncovered(made), layout: asked };
    const { data, layout: figureLayout } = printing ? hatched(lowered(seen)) : seen;
    drawn.set(plot, { data, layout: figureLayout });
    const style = getComputedStyle(document.documentElement);
    const seenLayout = printing ? figureLayout : namedAbove(data, upended(figureLayout, plot.clientWidth), plot.clientWidth);
    const known = new Map();
    const layout = resolved(seenLayout, known);
    layout.font = { ...layout.font, family: style.fontFamily };
    if (printing) layout.width = PAPER;
    /* On paper nothing moves: what fades in would be printed before it is there. */
    const config = { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false, staticPlot: printing };
    replace(plot, () => window.Plotly.react(plot, resolved(data, known), layout, config));
  }

  /* The strip of signs below the lines, as high as there are chosen lines with a sign in it. */
  function stripped(data, layout) {
    if (!layout.yaxis2) return layout;
    const strip = Math.round(layout.yaxis2.domain[1] * layout.height);
    const rows = data.filter((trace) => trace.yaxis === "y2" && trace.visible !== false).length;
    const height = layout.height - strip + Math.min(strip, rows * STRIP_ROW);
    const floor = 1 - (layout.height - strip) / height;
    return {
      ...layout,
      height,
      yaxis: { ...layout.yaxis, domain: [rows ? floor + 0.04 : 0, 1] },
      yaxis2: { ...layout.yaxis2, domain: [0, rows ? floor : 0.001] },
    };
  }

  /* Of the breaks that a reader can come upon, those that the chosen lines cross. */
  function crossing(id, { breaks }) {
    return new Set(inOrder(id).flatMap((code) => breaks[code] || []));
  }

  /* The figure's breaks, and what is said of them, as far as the chosen lines cross them. */
  function broken(plot, layout) {
    const { figure: id } = plot.dataset;
    if (!layout.meta || !chosen[id]) return layout;
    const years = crossing(id, layout.meta);
    const places = new Set([...years].flatMap((year) => layout.meta.at[year] || []));
    const list = plot.closest(".block").querySelector('[data-part="breaks"]');
    if (list) {
      list.hidden = !years.size;
      for (const item of list.querySelectorAll("[data-year]")) item.hidden = !years.has(item.dataset.year);
    }
    return { ...layout, shapes: layout.shapes.filter((one) => places.has(one.x0)), annotations: layout.annotations.filter((one) => places.has(one.x)) };
  }

  function draw(plot) {
    const figure = figures[plot.dataset.figure];
    if (!figure) return;
    const data = visible(plot.dataset.figure, figure.data);
    explain(plot, data);
    render(plot, data, stripped(data, broken(plot, figure.layout)));
  }

  /* What is said of the figure is said of what is drawn: its signs, and where the reader chooses, the lines. */
  function explain(plot, data) {
    const block = plot.closest(".block");
    const signs = new Set(data.filter((trace) => trace.yaxis === "y2" && trace.visible !== false).flatMap((trace) => trace.marker.symbol));
    for (const item of block.querySelectorAll(".legend-status [data-symbol]")) item.hidden = !signs.has(item.dataset.symbol);
    const codes = chosen[plot.dataset.figure];
    const short = block.querySelector('[data-part="short"]');
    if (!codes || !short) return;
    const said = Object.fromEntries([...block.querySelectorAll("[data-series]")].map((item) => [item.dataset.series, item.dataset.said]));
    short.textContent = inOrder(plot.dataset.figure).map((code) => said[code]).filter(Boolean).join(" ");
    short.parentElement.hidden = !short.textContent;
    plot.setAttribute("aria-label", [`${plot.dataset.title}.`, short.textContent].join(" ").trim());
  }

  function drawAll() {
    document.querySelectorAll("[data-figure]").forEach(draw);
    document.dispatchEvent(new CustomEvent("avbrott:redraw"));
  }

  /* An address that somebody has cut or mistyped is read as far as it goes. */
  function decoded(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  }

  /* One at a time, so that the reader sees the first while the others are drawn. */
  function drawInTurn([first, ...others]) {
    if (!first) return;
    draw(first);
    setTimeout(() => drawInTurn(others), 0);
  }

  /* The choice stands in the address after #, so that it can be sent to somebody: #choose.<figure>=code,code */
  function fromAddress() {
    const found = {};
    for (const part of location.hash.slice(1).split("&")) {
      const [name, codes] = part.split("=");
      if (name.startsWith("choose.") && codes) found[decoded(name.slice(7))] = new Set(codes.split(",").map(decoded));
    }
    return found;
  }

  /* What other scripts keep in the address stays. The address is one to go back from. */
  function toAddress() {
    const others = location.hash.slice(1).split("&").filter((part) => part.includes("=") && !part.startsWith("choose."));
    const own = Object.entries(chosen).map(([id, codes]) => `choose.${encodeURIComponent(id)}=${[...codes].map(encodeURIComponent).join(",")}`);
    location.hash = [...others, ...own].join("&");
  }

  function sign(legend, id) {
    const items = [...legend.querySelectorAll("[data-series]")];
    const order = inOrder(id);
    for (const item of items) {
      const place = order.indexOf(item.dataset.series);
      const swatch = item.querySelector(".swatch");
      swatch.className = place < 0 ? "swatch" : `swatch swatch-${place + 1}`;
      swatch.textContent = place < 0 ? "" : SIGNS[place];
      const box = item.querySelector("input");
      box.checked = place >= 0;
      box.disabled = place < 0 && order.length >= MOST;
      item.querySelector("label").setAttribute("aria-disabled", String(box.disabled));
    }
  }

  function choose(legend, asked) {
    const id = legend.dataset.legend;
    const codes = [...legend.querySelectorAll("[data-series]")].map((item) => item.dataset.series);
    const wanted = asked[id] ? codes.filter((code) => asked[id].has(code)).slice(0, MOST) : [];
    chosen[id] = new Set(wanted.length ? wanted : legend.dataset.choose.split(","));
  }

  function offerChoice(legend, asked) {
    const id = legend.dataset.legend;
    const plot = document.querySelector(`[data-figure="${id}"]`);
    const items = [...legend.querySelectorAll("[data-series]")];
    choose(legend, asked);
    const text = document.createElement("p");
    text.className = "choose-label";
    text.id = `choose-${id}`;
    text.textContent = legend.dataset.chooseLabel;
    legend.before(text);
    legend.classList.add("legend-choose");
    legend.setAttribute("aria-labelledby", text.id);
    for (const item of items) {
      const label = document.createElement("label");
      const box = document.createElement("input");
      box.type = "checkbox";
      box.addEventListener("change", () => {
        chosen[id][box.checked ? "add" : "delete"](item.dataset.series);
        sign(legend, id);
        draw(plot);
        toAddress();
      });
      label.append(box, ...item.childNodes);
      item.append(label);
    }
    sign(legend, id);
  }

  /* Back, forward, or an address that was pasted; one that leads to a part of the page changes no choice, and a chart whose choice
     is as it was is not drawn again. */
  function readAgain() {
    if (location.hash && !location.hash.includes("=")) return;
    const asked = fromAddress();
    for (const legend of document.querySelectorAll("[data-choose]")) {
      const id = legend.dataset.legend;
      const before = inOrder(id).join();
      choose(legend, asked);
      if (inOrder(id).join() === before) continue;
      sign(legend, id);
      draw(document.querySelector(`[data-figure="${id}"]`));
    }
  }

  /* The same choice in the other language. */
  for (const link of document.querySelectorAll(".top-links [hreflang]")) {
    link.addEventListener("click", () => {
      if (location.hash.includes("=")) link.hash = location.hash;
    });
  }

  window.AVBROTT_CHARTS = { render, onPaper, decoded, SYMBOLS, SIGNS };
  const asked = fromAddress();
  document.querySelectorAll("[data-choose]").forEach((legend) => offerChoice(legend, asked));
  const plots = [...document.querySelectorAll("[data-figure]")];
  (window.AVBROTT_LATER || Promise.resolve()).then(() => {
    document.dispatchEvent(new CustomEvent("avbrott:redraw"));
    drawInTurn(plots);
  });
  window.addEventListener("hashchange", readAgain);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  /* Paper is light, and narrower than the screen: the class says so to the tokens before the browser sets out its pages. */
  function printing(on) {
    document.documentElement.classList.toggle("printing", on);
    drawAll();
  }
  window.addEventListener("beforeprint", () => printing(true));
  window.addEventListener("afterprint", () => printing(false));
})();
