// The admin's own script: asks before what cannot be undone, leads from a quote to its words in the
// transcript, and looks again while something is under way. No framework, no inline code.
"use strict";

(() => {
  const LOOK_AGAIN_MS = 2000;
  const PATIENCE_MS = 10 * 60 * 1000;

  const marksOf = (key) => document.querySelectorAll(`mark[data-keys~="${CSS.escape(key)}"]`);

  function light(key, name, on) {
    marksOf(key).forEach((mark) => {
      mark.classList.toggle(name, on);
      mark.closest(".cq-bubble")?.classList.toggle(name, on);
    });
  }

  function choose(key) {
    document.querySelectorAll(".cq-chosen").forEach((each) => each.classList.remove("cq-chosen"));
    light(key, "cq-chosen", true);
    document.querySelectorAll(`.cq-quote[data-key="${CSS.escape(key)}"]`).forEach((quote) => {
      quote.classList.add("cq-chosen");
    });
    const first = marksOf(key)[0];
    first?.closest("details")?.setAttribute("open", "");
    first?.scrollIntoView({ block: "center", behavior: "smooth" });
    return Boolean(first);
  }

  document.addEventListener("click", (event) => {
    const quote = event.target.closest(".cq-quote");
    if (quote && choose(quote.dataset.key)) {
      event.preventDefault();
      history.replaceState(null, "", quote.getAttribute("href"));
    }
  });

  for (const [type, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
    document.addEventListener(type, (event) => {
      const quote = event.target.closest?.(".cq-quote");
      if (quote) light(quote.dataset.key, "cq-hinted", on);
    });
  }

  document.addEventListener("submit", (event) => {
    const question = event.target.dataset?.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });

  // The part of the page that changes is fetched and put in place of the old one: what is typed
  // into the form below it stays.
  async function follow(since) {
    const shown = document.querySelector("[id][data-pending]");
    if (!shown || Date.now() - since > PATIENCE_MS) return;
    if (!document.hidden) {
      try {
        const answer = await fetch(location.href, { credentials: "same-origin" });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = answer.ok && page.getElementById(shown.id);
        if (fresh) shown.replaceWith(document.adoptNode(fresh));
      } catch {
        // The server restarts, perhaps: the next look will tell.
      }
    }
    setTimeout(follow, LOOK_AGAIN_MS, since);
  }

  document.addEventListener("DOMContentLoaded", () => {
    const key = location.hash.match(/^#q-(\d+)$/)?.[1];
    if (key) choose(key);
    setTimeout(follow, LOOK_AGAIN_MS, Date.now());
  });
})();
