/* Saves a chart as PNG or SVG, by itself and in the colours of paper: with its title, what it measures, its series, what its signs
   mean, source and date. */
(function () {
  "use strict";

  const texts = document.body.dataset;
  const WIDTH = 1000;
  const SIDE = 24;
  const LINE = 22;

  /* Traces of one series are one entry of the legend. */
  function legendOnce(data) {
    const seen = new Set();
    return data.map((trace) => {
      const named = trace.visible !== false && trace.type !== "sankey" && trace.name && !seen.has(trace.name);
      if (named) seen.add(trace.name);
      return { ...trace, showlegend: Boolean(named) };
    });
  }

  function picture(plot, figure) {
    const { title, subtitle, source } = plot.dataset;
    const signs = [...plot.closest(".block").querySelectorAll(".legend-status li:not([hidden])")].map((one) => one.textContent.trim());
    const data = legendOnce(figure.data);
    const many = data.filter((trace) => trace.showlegend).length > 1;
    const top = 3 * LINE + (many ? 2 * LINE : 0);
    const margin = figure.layout.margin || {};
    /* Below the names of the axis, which can be of two lines, and its own. */
    const low = 2.5 * LINE + ((figure.layout.xaxis || {}).title ? LINE : 0);
    const height = figure.layout.height + top + low;
    const layout = {
      ...figure.layout,
      width: WIDTH, height, autosize: false, paper_bgcolor: "var(--paper)", plot_bgcolor: "var(--paper)",
      margin: { ...margin, l: SIDE + (margin.l || 0), r: SIDE + (margin.r || 0), t: top + (margin.t || 0), b: low + LINE },
      title: { text: `<b>${title}</b><br><span style="font-size:14px">${subtitle}</span>`, x: SIDE / WIDTH, xanchor: "left", y: 1 - 20 / height, yanchor: "top", font: { size: 18 } },
      showlegend: many,
      legend: { orientation: "h", x: 0, y: 1 - (2.4 * LINE) / height, yref: "container", yanchor: "top" },
      annotations: [...(figure.layout.annotations || []), {
        text: [source, ...signs].join("  "), showarrow: false, xref: "paper", x: 0, xanchor: "left", yref: "paper", y: 0, yanchor: "top", yshift: 4 - low, font: { size: 12, color: "var(--ink-soft)" },
      }],
    };
    return { data, layout };
  }

  async function save(plot, format) {
    const figure = window.AVBROTT_CHARTS.onPaper(plot, (found) => picture(plot, found));
    const { height } = figure.layout;
    const url = await window.Plotly.toImage(figure, { format, width: WIDTH, height, scale: format === "png" ? 2 : 1 });
    const link = document.createElement("a");
    link.href = url;
    link.download = `${plot.dataset.file}.${format}`;
    document.body.append(link);
    link.click();
    link.remove();
  }

  function offer(plot) {
    const row = document.createElement("p");
    row.className = "save";
    for (const format of ["png", "svg"]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "small";
      button.disabled = true;
      plot.addEventListener("avbrott:drawn", () => { button.disabled = false; });
      button.textContent = texts[format === "png" ? "savePng" : "saveSvg"];
      const of = document.createElement("span");
      of.className = "unseen";
      of.textContent = `: ${plot.dataset.title}`;
      new MutationObserver(() => { of.textContent = `: ${plot.dataset.title}`; }).observe(plot, { attributeFilter: ["data-title"] });
      button.append(of);
      button.addEventListener("click", () => save(plot, format));
      row.append(button);
    }
    plot.after(row);
  }

  document.querySelectorAll(".plot[data-file]").forEach(offer);
})();
