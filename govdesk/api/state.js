// Says on top of the page what is wrong with the database, and takes it away when it is over. The wall says it itself.
(() => {
  const address = new URLSearchParams(location.search);
  if (address.get("embed") === "true") return;
  const base = document.currentScript.dataset.base || "";
  const PAUSE = 2000, PATIENCE = 4000, LOST_AFTER = 2;
  let lost = 0, words = "", bar = null;

  function language() {
    const asked = new URLSearchParams(location.search).get("lang");
    const kept = document.cookie.match(/(?:^|; )govdesk_language=(\w+)/);
    return asked || (kept ? kept[1] : "");
  }

  function show(title, lines) {
    if (!bar) {
      bar = document.createElement("div");
      bar.id = "gd-trouble";
      bar.setAttribute("role", "alert");
      document.body.append(bar);
    }
    const said = [title, ...lines].join("\n");
    if (bar.dataset.said === said) return;
    bar.dataset.said = said;
    const head = document.createElement("strong");
    head.textContent = title;
    bar.replaceChildren(head, ...lines.map((line) => {
      const part = document.createElement("span");
      part.textContent = line;
      return part;
    }));
    document.documentElement.style.setProperty("--gd-trouble", `${bar.offsetHeight}px`);
  }

  function hide() {
    if (!bar) return;
    bar.remove();
    bar = null;
    document.documentElement.style.removeProperty("--gd-trouble");
  }

  async function ask() {
    try {
      const answer = await fetch(`${base}/api/state?lang=${encodeURIComponent(language())}`,
        {cache: "no-store", redirect: "error", signal: AbortSignal.timeout(PATIENCE)});
      if (!answer.ok) throw new Error(answer.status);
      const said = await answer.json();
      lost = 0;
      words = said.lost;
      if (said.trouble) show(said.title, said.lines); else hide();
    } catch (_) {
      lost += 1;
      if (lost >= LOST_AFTER && words) show(words, []);
    }
    setTimeout(ask, PAUSE);
  }

  ask();
})();
