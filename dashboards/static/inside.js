/* A way within the page (its menu, its content, a heading) keeps the choice that stands in the address after #. */
(function () {
  "use strict";

  const menu = document.getElementById("menu");
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (!link || !location.hash.includes("=")) return;
    event.preventDefault();
    const id = link.getAttribute("href").slice(1);
    if (menu) menu.classList.toggle("open", id === menu.id);
    const place = id ? document.getElementById(id) : document.querySelector(".top-menu");
    if (!place) return;
    if (id) place.scrollIntoView();
    if (!place.matches("a, button, input, select, [tabindex]")) place.tabIndex = -1;
    place.focus({ preventScroll: true });
  });
})();
