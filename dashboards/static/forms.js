/* What a figure is like where it is drawn: on a narrow screen, on paper, where its marks lie on each other. Figures go in and come
   out; nothing is drawn here. */
(function () {
  "use strict";

  /* So high a figure may be on paper that its title and what is said of it stand on the same page. */
  const TALLEST = 680;
  /* Figures less wide than this have names along the axis on end, each sign of which takes so much height. */
  const NARROW = 520;
  const UPENDED = 4;
  /* So much higher a row of lying bars is with its name above it. */
  const NAME_ROW = 18;
  /* Marks nearer to each other than this part of the highest value lie on each other; the lower one is as much larger. */
  const NEAR = 0.006;
  const LARGER = 7;
  const MOST_LARGER = 4;
  /* So long is a slanting line of a hatched bar along it, and a lying figure of such bars, in pixels on paper. */
  const SLANT = 24;
  const LONG = 480;

  /* A mark that others lie on, as those of several lines at 0 do, is drawn so much larger that it is seen around them. */
  function uncovered(data) {
    const marked = (trace) => trace.type === "scatter" && /markers/.test(trace.mode) && trace.visible !== false && !trace.yaxis;
    const sizes = (trace) => trace.y.map((_, at) => (Array.isArray(trace.marker.size) ? trace.marker.size[at] : (trace.marker.size ?? 6)));
    const shown = data.filter(marked).map((trace) => ({ trace, sizes: sizes(trace) }));
    const near = NEAR * Math.max(...shown.flatMap(({ trace }) => trace.y.map((y) => Math.abs(y ?? 0))), 0);
    const drawn = ({ trace, sizes }, at) => trace.y[at] !== null && sizes[at] >= 1;
    const covers = (other, x, y) => other.trace.x.some((one, at) => one === x && drawn(other, at) && Math.abs(other.trace.y[at] - y) <= near);
    const larger = new Map();
    shown.forEach((one, place) => {
      const above = shown.slice(place + 1).filter((other) => other.trace.meta !== one.trace.meta || other.trace.meta === undefined);
      const found = one.sizes.map((size, at) => {
        const on = drawn(one, at) ? above.filter((other) => covers(other, one.trace.x[at], one.trace.y[at])).length : 0;
        return size + LARGER * Math.min(on, MOST_LARGER);
      });
      if (found.some((size, at) => size !== one.sizes[at])) larger.set(one.trace, found);
    });
    return data.map((trace) => {
      if (!larger.has(trace)) return trace;
      const line = { width: 1, color: "var(--paper)", ...trace.marker.line };
      return { ...trace, marker: { opacity: 1, ...trace.marker, size: larger.get(trace), line } };
    });
  }

  /* A figure of many bars, as high as paper lets it be: its names and signs become as much smaller. */
  function lowered({ data, layout }) {
    const part = TALLEST / layout.height;
    if (!(part < 1)) return { data, layout };
    const smaller = (font) => font && { ...font, size: Math.max(font.size * part, 8) };
    return {
      data: data.map((trace) => ({ ...trace, ...(trace.textfont && { textfont: smaller(trace.textfont) }) })),
      layout: {
        ...layout,
        height: TALLEST,
        yaxis: { ...layout.yaxis, ...(layout.yaxis.tickfont && { tickfont: smaller(layout.yaxis.tickfont) }) },
        annotations: (layout.annotations || []).map((one) => ({ ...one, font: smaller(one.font), yshift: (one.yshift || 0) * part })),
      },
    };
  }

  /* On a narrow screen names along the axis stand on end: pooled years on one line each, for lines of theirs would run into others. */
  function upended(layout, width) {
    const names = (layout.xaxis && layout.xaxis.categoryarray) || [];
    if (width >= NARROW || !names.some((name) => name.includes("\u2013<br>"))) return layout;
    const ticktext = names.map((name) => name.replace("\u2013<br>", "\u2013").replace("<br>", " "));
    const longest = Math.max(...ticktext.map((name) => name.length));
    const xaxis = { ...layout.xaxis, tickmode: "array", tickvals: names, ticktext, tickangle: 90, tickfont: { size: 11 } };
    return { ...layout, height: layout.height + longest * UPENDED, xaxis };
  }

  /* On a narrow screen the names of lying bars stand above them: beside them they would leave the bars no room. */
  function namedAbove(data, layout, width) {
    const names = (layout.yaxis && layout.yaxis.categoryarray) || [];
    if (width >= NARROW || !data.length || data[0].orientation !== "h" || !names.length) return layout;
    const height = layout.height + names.length * NAME_ROW;
    const gap = layout.bargap ?? 0.2;
    const slot = layout.height / names.length;
    const bars = (slot * (1 - gap)) / (slot + NAME_ROW);
    const above = names.map((name) => ({
      xref: "x domain", x: 0, yref: "y", y: name, xanchor: "left", yanchor: "bottom", yshift: (slot * (1 - gap)) / 2 - 2, showarrow: false,
      text: name.replaceAll("<br>", " "), font: { size: 12 },
    }));
    const annotations = [...(layout.annotations || []), ...above];
    return { ...layout, height, bargap: 1 - bars, annotations, yaxis: { ...layout.yaxis, showticklabels: false } };
  }

  /* A bar with a pattern, as an outline with lines drawn across it: on paper the browser makes a picture as large as the chart of each
     pattern in each bar. A slant is so long along the axis of values that it is half a right angle. */
  function hatched({ data, layout }) {
    const patterned = ({ type, marker }) => type === "bar" && marker.pattern && marker.pattern.shape;
    if (!data.some(patterned)) return { data, layout };
    const lying = data[0].orientation === "h";
    const [axis, values] = lying ? [layout.yaxis, "x"] : [layout.xaxis, "y"];
    const below = new Map();
    const most = Math.max(...axis.categoryarray.map((_, at) => data.reduce((sum, trace) => sum + (trace[values][at] || 0), 0)));
    const slant = (most * SLANT) / (lying ? LONG : layout.height);
    const half = (1 - layout.bargap) / 2;
    const shapes = data.flatMap((trace) => axis.categoryarray.flatMap((_, at) => {
      const [from, long] = [below.get(at) || 0, trace[values][at] || 0];
      below.set(at, from + long);
      if (!patterned(trace) || !long) return [];
      /* The first row of lying bars is on top: what rises along them falls across them. */
      return [outlined(strokes(from, from + long, slant, trace.marker.pattern.shape, lying), at, half, lying, trace.marker.color)];
    }));
    const plain = (trace) => ({ ...trace, marker: { color: "var(--paper)", line: { color: trace.marker.color, width: 1 } } });
    return { data: data.map((trace) => (patterned(trace) ? plain(trace) : trace)), layout: { ...layout, shapes: [...(layout.shapes || []), ...shapes] } };
  }

  /* Lines across a bar from one end to the other: where each begins and ends along it, and how far across it from 0 to 1. */
  function strokes(from, to, slant, shape, falling) {
    const ways = shape === "x" ? [0, 1] : [Number((shape === "/") === falling)];
    const found = [];
    for (let start = from - slant; start < to; start += slant / 3) {
      const [begin, end] = [Math.max(start, from), Math.min(start + slant, to)];
      for (const way of ways) found.push([begin, Math.abs(way - (begin - start) / slant), end, Math.abs(way - (end - start) / slant)]);
    }
    return found;
  }

  function outlined(lines, at, half, lying, color) {
    const place = (along, across) => {
      const beside = at - half + 2 * half * across;
      return lying ? `${along},${beside}` : `${beside},${along}`;
    };
    return { type: "path", path: lines.map(([a, p, b, q]) => `M${place(a, p)}L${place(b, q)}`).join(""), line: { color, width: 1 } };
  }

  window.AVBROTT_FORMS = { uncovered, lowered, upended, namedAbove, hatched };
})();
