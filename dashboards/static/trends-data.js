/* What the tool of trends knows of a series: its years, its figures and the reason where there is none. Reads files of series as
   they are needed, one assignment each; nothing is drawn here. */
(function () {
  "use strict";

  const about = (window.AVBROTT || {}).explorer;
  if (!about) return;
  /* Lists of codes that tables have in common are sent once: a table says which. */
  for (const table of Object.values(about.tables)) {
    for (const holder of [...table.dimensions, table.series, ...(table.pooled ? [table.pooled.series] : [])]) holder.codes = about.lists[holder.codes];
  }
  const Z_95 = 1.959964;
  const files = new Map();

  /* A text with its parts filled in. */
  function said(text, parts = {}) {
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in parts ? parts[name] : whole));
  }

  /* Reads a file once. What it assigned is taken over as soon as it has run; one that cannot be read has no series. */
  function load(file) {
    if (!files.has(file)) {
      files.set(file, new Promise((done) => {
        const script = document.createElement("script");
        script.src = file;
        script.onload = () => done(window.AVBROTT_SERIES);
        script.onerror = () => done(null);
        document.head.append(script);
      }));
    }
    return files.get(file);
  }

  /* The file that holds the series of a code; empty where there is none. */
  function fileOf(series, code) {
    return code in series.codes ? series.called.replace("#", series.codes[code] || code) : "";
  }

  /* Where a line's figures lie: its own table, or that of pooled school years, which is divided by fewer dimensions. */
  function place(table, line) {
    const own = about.tables[table];
    if (!line.pooled) return { table, codes: line.codes, file: fileOf(own.series, line.codes[0]), years: own.preliminary };
    const names = own.dimensions.map((one) => one.name);
    if (!own.pooled) return null;
    if (names.some((name, at) => !own.pooled.dimensions.includes(name) && line.codes[at] !== "Total")) return null;
    const codes = own.pooled.dimensions.map((name) => line.codes[names.indexOf(name)]);
    const file = fileOf(own.pooled.series, codes[0]);
    return file ? { table: own.pooled.table, codes, file, years: own.pooled.preliminary } : null;
  }

  async function read(table, line) {
    const where = place(table, line);
    if (!where || !where.file) return null;
    return figures(await load(where.file), where, about.tables[table]);
  }

  /* A series as a list of years, each with persons, share and all persons of whom it is one; null for a series that is not. */
  function figures(file, where, own) {
    const series = file && file.series[where.codes.join(",")];
    if (!series) return null;
    const names = own.pooled && where.table === own.pooled.table ? own.pooled.dimensions : own.dimensions.map((one) => one.name);
    const whole = where.codes.map((code, at) => (names[at] === own.share ? "Total" : code)).join(",");
    const base = own.share && file.series[whole];
    return file.years.map((year, at) => ({
      year,
      preliminary: where.years.includes(year),
      persons: cell(series.persons, at),
      share: series.share ? shareOf(series, at) : { value: null, status: "not_applicable" },
      base: base ? cell(base.persons, at).value : null,
    }));
  }

  function cell(told, at) {
    const value = told.value ? told.value[at] : null;
    const status = typeof told.status === "string" ? told.status : (told.status || {})[at];
    return { value, status: value === null ? status || "not_applicable" : "shown" };
  }

  function shareOf(series, at) {
    const found = cell(series.share, at);
    const known = typeof series.share.status === "string" || (series.share.status || {})[at];
    if (found.value !== null || known) return found;
    return { value: null, status: cell(series.persons, at).status };
  }

  /* Wilson's interval of 95 %, as shares; the same as dashboards/intervals.py. */
  function wilson(share, base) {
    const spread = (Z_95 * Z_95) / base;
    const centre = (share + spread / 2) / (1 + spread);
    const half = (Z_95 / (1 + spread)) * Math.sqrt((share * (1 - share)) / base + spread / (4 * base));
    return [Math.max(centre - half, 0), Math.min(centre + half, 1)];
  }

  /* The interval of a year's share, where the share and the numbers that it is made of are shown. */
  function interval(year) {
    if (year.share.value === null || year.persons.value === null || !year.base) return null;
    return wilson(year.persons.value / year.base, year.base);
  }

  /* Numbers as they are written in the language of the page. A share is in ten-thousandths; halves are rounded up. */
  function percent(parts, unit = true) {
    const tenths = Math.floor((parts + 5) / 10);
    return `${Math.floor(tenths / 10)}${about.decimal}${tenths % 10}${unit ? about.percent : ""}`;
  }

  function whole(value) {
    return String(value).replace(/\B(?=(\d{3})+$)/g, about.thousands);
  }

  function written(measure, found) {
    if (found.value === null) return about.status[found.status].sentence;
    return measure === "share" ? percent(found.value) : whole(found.value);
  }

  function range(bounds) {
    const [low, high] = bounds.map((bound) => percent(Math.round(bound * 10000), false));
    return said(about.texts.range, { low, high: high + about.percent });
  }

  function yearLabel(year) {
    const label = year.year.replace("..", "\u2013");
    return year.preliminary ? said(about.texts.preliminary, { year: label }) : label;
  }

  /* A line in words: the code of its first dimension, and every other that is not a total. */
  function lineLabel(table, line) {
    const names = about.tables[table].dimensions.map((one) => one.name);
    const parts = line.codes.map((code, at) => (at === 0 || code !== "Total" ? about.labels[names[at]][code] || code : ""));
    const label = parts.filter(Boolean).join(", ");
    return line.pooled ? said(about.texts.pooled_label, { label }) : label;
  }

  window.AVBROTT_TRENDS = { about, said, read, place, interval, written, whole, percent, range, yearLabel, lineLabel };
})();
