/* The figure of the tool of trends: lines with Wilson's intervals, breaks, preliminary years, and signs for what is not shown. */
(function () {
  "use strict";

  const trends = window.AVBROTT_TRENDS;
  if (!trends) return;
  const { about } = trends;
  /* Of the still that stands there at first, too: dashboards/pages/beginning.py. */
  const HEIGHT = 360;
  const STRIP = 16;
  /* Where there are fewer persons than this, the axis has a line for each: persons are whole. */
  const FEW = 6;
  const DRAWN = ["hidden", "unreliable", "not_delivered"];
  /* Lines stand a little beside each other, so that their intervals can be told apart. */
  const APART = 0.07;

  /* The school years of the axis: all that a single-year line or a window of pooled years reaches. */
  function axisYears(lines) {
    const found = new Set();
    for (const line of lines) for (const year of line.years) for (const one of year.year.split("..")) found.add(one);
    return [...found].sort();
  }

  /* A window of pooled years stands in the middle of them. */
  function position(year, years) {
    const ends = year.split("..").map((one) => years.indexOf(one));
    return (ends[0] + ends[ends.length - 1]) / 2;
  }

  function figure(lines, measure, intervals, breaks, symbols) {
    const years = axisYears(lines);
    const missing = lines.filter((line) => line.years.some((year) => DRAWN.includes(year[measure].status)));
    const height = HEIGHT + missing.length * STRIP;
    const floor = (missing.length * STRIP) / height;
    const data = [];
    lines.forEach((line, at) => {
      const shift = (at - (lines.length - 1) / 2) * APART;
      const points = cut(line, line.years.map((year) => point(line, year, measure, position(year.year, years) + shift)));
      data.push(...drawn(line, points, at, intervals && measure === "share", symbols));
      if (missing.includes(line)) data.push(strip(line, points, at));
    });
    return { data, layout: layout(lines, years, measure, breaks, height, floor, missing) };
  }

  function point(line, year, measure, x) {
    const found = year[measure];
    const bounds = measure === "share" ? trends.interval(year) : null;
    const value = found.value === null ? null : measure === "share" ? found.value / 100 : found.value;
    const words = [trends.written(measure, found), bounds ? `(${trends.range(bounds)})` : ""].join(" ").trim();
    return { x, year: year.year, value, bounds, status: found.status, preliminary: year.preliminary, text: `${line.label}<br>${trends.yearLabel(year)}: ${words}` };
  }

  /* How many ends of a school year or window lie on the later side of a break. */
  const reached = (code, year) => code.split("..").filter((one) => one >= year).length * (code.includes("..") ? 1 : 2);

  /* A line is not drawn over a break: before the first point on its other side stands one without a value. */
  function cut(line, points) {
    const apart = (at) => at > 0 && line.breaks.some((year) => reached(points[at - 1].year, year) !== reached(points[at].year, year));
    return points.flatMap((one, at) => (apart(at) ? [{ ...one, value: null, bounds: null, status: "" }, one] : [one]));
  }

  /* A line, and the way to its preliminary years as one of its own: dotted, with open signs. */
  function drawn(line, points, at, intervals, symbols) {
    const colour = `var(--series-${at + 1})`;
    const settled = points.map((one) => (one.preliminary ? { ...one, value: null } : one));
    const parts = [[settled, line.pooled ? "dash" : "solid", symbols[at]]];
    const late = points.findIndex((one) => one.preliminary);
    if (late >= 0) parts.push([points.slice(Math.max(late - 1, 0)), "dot", `${symbols[at]}-open`]);
    return parts.map(([part, dash, symbol], place) => ({
      type: "scatter",
      mode: "lines+markers",
      name: line.label,
      meta: line.key,
      x: part.map((one) => one.x),
      y: part.map((one) => one.value),
      text: part.map((one) => one.text),
      hovertemplate: "%{text}<extra></extra>",
      connectgaps: false,
      cliponaxis: false,
      line: { color: colour, width: 2.5, dash },
      marker: { symbol, color: colour, opacity: 1, size: part.map((one) => (place === 1 && !one.preliminary ? 0.01 : 9)), line: { width: 2, color: colour } },
      error_y: intervals ? bars(part, colour, place === 1) : { visible: false },
    }));
  }

  function bars(points, colour, late) {
    const reach = (one, way) => (one.bounds && one.value !== null && one.preliminary === late ? Math.max(way(one.bounds.map((bound) => bound * 100), one.value), 0) : 0);
    return {
      type: "data",
      symmetric: false,
      array: points.map((one) => reach(one, ([, high], value) => high - value)),
      arrayminus: points.map((one) => reach(one, ([low], value) => value - low)),
      color: colour,
      thickness: 1,
      width: 3,
    };
  }

  function strip(line, points, at) {
    const colour = `var(--series-${at + 1})`;
    const absent = points.filter((one) => DRAWN.includes(one.status));
    return {
      type: "scatter",
      mode: "markers",
      name: line.label,
      meta: line.key,
      yaxis: "y2",
      x: absent.map((one) => Math.round(one.x * 2) / 2),
      y: absent.map(() => line.key),
      text: absent.map((one) => one.text),
      hovertemplate: "%{text}<extra></extra>",
      cliponaxis: false,
      marker: { symbol: absent.map((one) => about.status[one.status].symbol), size: 9, color: colour, line: { width: 2, color: colour } },
    };
  }

  function layout(lines, years, measure, breaks, height, floor, missing) {
    const late = new Set(lines.flatMap((line) => line.years.filter((year) => year.preliminary).map((year) => year.year)));
    const crossed = breaks.filter((one) => years.indexOf(one.year) > 0);
    const at = (one) => years.indexOf(one.year) - 0.5;
    const soft = "var(--ink-soft)";
    const most = Math.max(...lines.flatMap((line) => line.years.map((year) => year[measure].value || 0)));
    const found = {
      height,
      showlegend: false,
      separators: about.decimal + about.thousands,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { color: "var(--ink)", size: 13 },
      margin: { l: 8, r: 12, t: 26, b: 8, pad: 4 },
      hoverlabel: { bgcolor: "var(--paper)", bordercolor: "var(--line-strong)", font: { color: "var(--ink)" } },
      hovermode: "closest",
      dragmode: false,
      xaxis: {
        tickvals: years.map((_, place) => place),
        ticktext: years.map((year) => trends.yearLabel({ year, preliminary: late.has(year) }).replace(" (", "<br>(")),
        range: [-0.4, years.length - 0.6],
        fixedrange: true, automargin: true, showgrid: false, zeroline: false, ticks: "outside", ticklabeloverflow: "allow",
        linecolor: "var(--line-strong)", anchor: "free", position: 0,
      },
      yaxis: {
        rangemode: "tozero", domain: [floor ? floor + 0.04 : 0, 1], ticksuffix: measure === "share" ? about.percent : "",
        gridcolor: "var(--line)", zeroline: true, zerolinecolor: "var(--line-strong)", fixedrange: true, automargin: true, separatethousands: true,
        ...(measure !== "share" && most < FEW ? { dtick: 1 } : { nticks: 6 }),
      },
      shapes: crossed.map((one) => ({
        type: "line", x0: at(one), x1: at(one), y0: 0, y1: 1, yref: "y domain", line: { color: soft, width: 1, dash: "dot" },
      })),
      annotations: crossed.map((one) => ({
        x: at(one), y: 1, yref: "y domain", text: about.texts.break, showarrow: false, yanchor: "bottom", font: { size: 11, color: soft },
      })),
    };
    if (floor) {
      found.yaxis2 = {
        type: "category", domain: [0, floor], visible: false, fixedrange: true,
        categoryorder: "array", categoryarray: missing.map((line) => line.key).reverse(),
      };
    }
    return found;
  }

  trends.figure = figure;
})();
