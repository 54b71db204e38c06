/* Draws the figures of a page. The figures are window.AVBROTT.figures, made beside the tables they repeat; colours in them are
   names of CSS tokens, looked up here so that one figure serves light, dark and printed pages. */
(function () {
  "use strict";

  const MOST = 6;
  const SYMBOLS = ["circle", "square", "diamond", "triangle-up", "cross", "star"];
  const SIGNS = ["●", "■", "◆", "▲", "✚", "★"];
  const figures = (window.AVBROTT || {}).figures || {};
  const chosen = {};

  function resolved(value, style) {
    if (typeof value === "string") {
      const token = /^var\((--[\w-]+)\)$/.exec(value);
      return token ? style.getPropertyValue(token[1]).trim() : value;
    }
    if (Array.isArray(value)) return value.map((one) => resolved(one, style));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, resolved(one, style)]));
    }
    return value;
  }

  /* What is drawn of a figure whose series the reader chooses: the chosen ones, coloured in the order of the table. */
  function visible(id, data) {
    const codes = chosen[id];
    if (!codes) return data;
    const order = [...new Set(data.map((trace) => trace.meta))].filter((code) => codes.has(code));
    return data.map((trace) => {
      const place = order.indexOf(trace.meta);
      if (place < 0) return { ...trace, visible: false };
      const colour = `var(--series-${place + 1})`;
      const marker = { ...trace.marker, color: colour };
      if (marker.line) marker.line = { ...marker.line, color: colour };
      if (trace.line) marker.symbol = SYMBOLS[place];
      return { ...trace, visible: true, marker, line: trace.line && { ...trace.line, color: colour, dash: "solid" } };
    });
  }

  function draw(plot) {
    const id = plot.dataset.figure;
    const figure = figures[id];
    if (!figure) return;
    const style = getComputedStyle(document.documentElement);
    const layout = resolved(figure.layout, style);
    layout.font = { ...layout.font, family: style.fontFamily };
    const config = { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false };
    window.Plotly.react(plot, resolved(visible(id, figure.data), style), layout, config);
  }

  function drawAll() {
    document.querySelectorAll("[data-figure]").forEach(draw);
  }

  /* The choice stands in the address after #, so that it can be sent to somebody: #choose.<figure>=code,code */
  function fromAddress() {
    const found = {};
    for (const part of decodeURIComponent(location.hash.slice(1)).split("&")) {
      const [name, codes] = part.split("=");
      if (name.startsWith("choose.") && codes) found[name.slice(7)] = new Set(codes.split(","));
    }
    return found;
  }

  function toAddress() {
    const parts = Object.entries(chosen).map(([id, codes]) => `choose.${id}=${[...codes].join(",")}`);
    history.replaceState(null, "", `#${encodeURIComponent(parts.join("&")).replace(/%3D/g, "=").replace(/%26/g, "&").replace(/%2C/g, ",")}`);
  }

  function sign(legend, id) {
    const items = [...legend.querySelectorAll("[data-series]")];
    const order = items.map((item) => item.dataset.series).filter((code) => chosen[id].has(code));
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

  function offerChoice(legend, asked) {
    const id = legend.dataset.legend;
    const plot = document.querySelector(`[data-figure="${id}"]`);
    const items = [...legend.querySelectorAll("[data-series]")];
    const codes = items.map((item) => item.dataset.series);
    const wanted = asked[id] ? codes.filter((code) => asked[id].has(code)).slice(0, MOST) : [];
    chosen[id] = new Set(wanted.length ? wanted : legend.dataset.choose.split(","));
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

  const asked = fromAddress();
  document.querySelectorAll("[data-choose]").forEach((legend) => offerChoice(legend, asked));
  drawAll();
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  window.addEventListener("beforeprint", drawAll);
  window.addEventListener("afterprint", drawAll);
})();
