/* Runs before anything is painted. A page whose address says a choice must not show for a moment what is drawn without one: the style
   sheet hides the stills that a reader can choose in. Scripts run, so what can be chosen is listed. */
(function () {
  "use strict";

  const { classList } = document.documentElement;
  const read = () => classList.toggle("asked", location.hash.includes("="));
  classList.add("scripted");
  window.addEventListener("hashchange", read);
  read();
})();
