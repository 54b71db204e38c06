/* Brings plotly.js when the page has been painted: it takes the browser seconds to read, and until then the stills show the charts. */
(function () {
  "use strict";

  const { src } = document.currentScript;

  function bring(done) {
    const script = document.createElement("script");
    script.src = new URL("plotly.min.js", src).href;
    script.onload = done;
    document.head.append(script);
  }

  /* The second frame begins when the first has been painted. */
  const painted = (then) => requestAnimationFrame(() => requestAnimationFrame(then));
  const whole = (then) => (document.readyState === "complete" ? then() : window.addEventListener("load", then));
  window.AVBROTT_LATER = new Promise((done) => { whole(() => painted(() => bring(done))); });
})();
