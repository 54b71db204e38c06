/* The words beside the figure of the tool of trends: the same figures as a table, and what they say in short. */
(function () {
  "use strict";

  const trends = window.AVBROTT_TRENDS;
  if (!trends) return;
  const { about, said } = trends;

  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  /* A cell that says why, where there is no figure: the same words and form as in every other table of the site. */
  function dataCell(measure, found) {
    if (found.value !== null) return element("td", {}, trends.written(measure, found));
    const { mark, sentence } = about.status[found.status];
    return element("td", { class: `absent absent-${found.status}` }, element("span", { "aria-hidden": "true" }, mark), element("span", { class: "unseen" }, sentence));
  }

  function row(lines, measure, code) {
    const cells = lines.flatMap((line) => {
      const year = line.years.find((one) => one.year === code) || { persons: { value: null, status: "not_applicable" } };
      if (measure === "persons") return [dataCell("persons", year.persons)];
      const share = year.share || year.persons;
      const bounds = year.share ? trends.interval(year) : null;
      return [dataCell("share", share), element("td", {}, bounds ? trends.range(bounds) : ""), dataCell("persons", year.persons)];
    });
    const named = lines.map((line) => line.years.find((one) => one.year === code)).find(Boolean);
    return element("tr", {}, element("th", { scope: "row" }, trends.yearLabel(named)), ...cells);
  }

  /* One table of lines over the same kind of years. */
  function table(lines, measure, caption) {
    const codes = [...new Set(lines.flatMap((line) => line.years.map((year) => year.year)))].sort();
    const wide = measure === "share";
    const heads = lines.map((line) => element("th", { scope: wide ? "colgroup" : "col", colspan: wide ? 3 : 1 }, line.label));
    const first = element("th", { scope: "col", rowspan: wide ? 2 : 1 }, about.names.school_year);
    const names = [about.texts.share, about.texts.interval, about.texts.persons];
    const subheads = wide ? [element("tr", { class: "subheads" }, ...lines.flatMap(() => names.map((name) => element("th", { scope: "col" }, name))))] : [];
    const made = element("table", {},
      element("caption", {}, caption),
      element("thead", {}, element("tr", {}, first, ...heads), ...subheads),
      element("tbody", {}, ...codes.map((code) => row(lines, measure, code))));
    return element("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": said(about.texts.scroll, { label: caption }) }, made);
  }

  function tables(lines, measure) {
    const kinds = [[lines.filter((line) => !line.pooled), about.texts.table], [lines.filter((line) => line.pooled), about.texts.table_pooled]];
    return kinds.filter(([some]) => some.length).map(([some, caption]) => table(some, measure, caption));
  }

  /* What each line says: its first and last figure, and how many years are not shown, and why. */
  function summary(line, measure) {
    const shown = line.years.filter((year) => year[measure].value !== null);
    const parts = { series: line.label };
    const words = [];
    if (!shown.length) words.push(said(about.texts.nothing, parts));
    else {
      const [first, last] = [shown[0], shown[shown.length - 1]];
      const bounds = measure === "share" ? trends.interval(last) : null;
      words.push(said(first === last ? about.texts.summary_one : bounds ? about.texts.summary_interval : about.texts.summary, {
        ...parts,
        first: trends.written(measure, first[measure]), first_at: trends.yearLabel(first),
        last: trends.written(measure, last[measure]), last_at: trends.yearLabel(last),
        value: bounds ? trends.range(bounds) : "",
      }));
    }
    const absent = line.years.map((year) => year[measure].status).filter((status) => status !== "shown" && status !== "not_applicable");
    for (const status of new Set(absent)) {
      words.push(said(about.texts.missing, { count: absent.filter((one) => one === status).length, value: about.status[status].sentence }));
    }
    return words.join(" ");
  }

  Object.assign(trends, { element, tables, summary });
})();
