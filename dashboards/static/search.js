/* Lets the reader search long lists and tables on the page: what has data-search, and so many entries that the eye tires. */
(function () {
  "use strict";

  const LONG = 25;

  function entries(list) {
    return [...list.querySelectorAll(list.tagName === "TABLE" ? "tbody tr" : "li")];
  }

  /* An entry stays if its own words hold what is asked for, or those of an entry within it or around it do. */
  function holds(entry, asked) {
    const words = entry.tagName === "TR" ? entry.querySelector("th").textContent : entry.textContent;
    const above = entry.parentElement.closest("li");
    const heading = above ? above.querySelector("a").textContent : "";
    return [words, heading].some((text) => text.toLocaleLowerCase().includes(asked));
  }

  function offer(list, number) {
    const label = document.createElement("label");
    const field = document.createElement("input");
    const said = document.createElement("span");
    const line = document.createElement("p");
    field.type = "search";
    field.id = `search-${number}`;
    label.htmlFor = field.id;
    label.textContent = list.dataset.search;
    said.setAttribute("role", "status");
    line.className = "search";
    line.append(label, field, said);
    const frame = list.closest(".scroll, .long") || list;
    frame.before(line);
    field.addEventListener("input", () => {
      const asked = field.value.trim().toLocaleLowerCase();
      let found = 0;
      for (const entry of entries(list)) {
        entry.hidden = asked !== "" && !holds(entry, asked);
        found += entry.hidden ? 0 : 1;
      }
      said.textContent = asked === "" ? "" : list.dataset.searchFound.replace("#", found);
    });
  }

  [...document.querySelectorAll("[data-search]")].filter((list) => entries(list).length >= LONG).forEach(offer);
})();
