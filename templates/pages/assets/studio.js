// The template studio: the label is drawn again while somebody writes. Without this file the button "Preview" does it.
"use strict";
(() => {
  const form = document.getElementById("studio"), source = document.getElementById("source"), tells = document.getElementById("tells");
  if (!form) return;
  const PAUSE = 180, READ_PAUSE = 500; // milliseconds without a key before the label is drawn, and after that the codes are read

  // Numbers beside the lines; those with faults stand out.
  const numbers = document.getElementById("numbers");
  let bad = new Set();
  const number = () => {
    const count = source.value.split("\n").length, lines = document.createDocumentFragment();
    let plain = "";
    for (let line = 1; line <= count; line++) {
      if (!bad.has(line)) { plain += `${line}\n`; continue; }
      const mark = document.createElement("span");
      mark.className = "bad";
      mark.textContent = line;
      lines.append(plain, mark, "\n");
      plain = "";
    }
    lines.append(plain);
    numbers.replaceChildren(lines);
    numbers.scrollTop = source.scrollTop;
  };
  source.addEventListener("scroll", () => { numbers.scrollTop = source.scrollTop; });

  const caretLine = () => source.value.slice(0, source.selectionStart).split("\n").length;
  const goTo = (line) => {
    const lines = source.value.split("\n"), start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    source.focus();
    source.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
    source.scrollTop = (line - 1) * parseFloat(getComputedStyle(source).lineHeight) - source.clientHeight / 3;
    source.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("click", (event) => {
    const to = event.target.closest?.("[data-line]");
    if (to) { event.preventDefault(); goTo(Number(to.dataset.line)); }
  });

  // The element whose lines the caret is in is outlined on the label.
  const here = () => {
    const caret = caretLine(), places = [...document.querySelectorAll(".places [data-line]")];
    const at = Math.max(0, ...places.map((place) => Number(place.dataset.line)).filter((line) => line <= caret));
    places.forEach((place) => place.classList.toggle("here", document.activeElement === source && Number(place.dataset.line) === at));
  };
  document.addEventListener("selectionchange", here);

  // Drawn again: the older request is given up, the last good label stays while the text has faults.
  let running, timer;
  const ask = async (part, signal) => {
    const data = new URLSearchParams(new FormData(form));
    data.set("part", part);
    const answer = await fetch(form.action, { method: "POST", body: data, signal });
    if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
    const html = await answer.text();
    const body = new DOMParser().parseFromString(html, "text/html").body;
    if (signal.aborted) throw new DOMException("", "AbortError");
    return body;
  };
  const show = (body) => {
    const preview = document.getElementById("preview"), old = preview.querySelector("#picture"), oldBar = preview.querySelector(".zooms");
    const frame = old?.querySelector(".frame"), place = [frame?.scrollLeft ?? 0, frame?.scrollTop ?? 0];
    const fresh = body.querySelector("#picture"), stale = body.querySelector("#stale");
    if (!fresh && old) {
      stale.hidden = false;
      stale.before(oldBar, old);
      old.classList.add("stale");
    }
    preview.replaceChildren(...body.childNodes);
    if (fresh) window.nameplate.ready(preview);
    preview.querySelector(".frame")?.scrollTo(...place);
    told();
  };
  const told = () => {
    const drawn = document.querySelector("#preview [data-tells]");
    bad = new Set((drawn?.dataset.badLines ?? "").split(" ").map(Number));
    number();
    here();
    if (drawn && tells.textContent !== drawn.dataset.tells) tells.textContent = drawn.dataset.tells;
  };
  const draw = async () => {
    running?.abort();
    const { signal } = (running = new AbortController());
    try {
      show(await ask("preview", signal));
      await new Promise((done) => setTimeout(done, READ_PAUSE));
      if (signal.aborted) return;
      document.getElementById("codes").replaceChildren(...(await ask("codes", signal)).childNodes);
    } catch (error) {
      if (error.name !== "AbortError") tells.textContent = form.dataset.failed;
      tells.classList.toggle("sr", error.name === "AbortError");
      return;
    }
    tells.classList.add("sr");
  };
  const soon = (pause) => { clearTimeout(timer); timer = setTimeout(draw, pause); };
  form.addEventListener("input", (event) => {
    if (event.target === source) { number(); keep(); }
    soon(event.target.tagName === "SELECT" ? 0 : PAUSE);
  });

  // Which dot the pointer is on.
  document.addEventListener("pointermove", (event) => {
    const label = event.target.closest?.(".label"), at = document.getElementById("at");
    if (!at) return;
    const image = label?.querySelector("img"), box = image?.getBoundingClientRect();
    const dot = (from, length, dots) => Math.min(dots - 1, Math.max(0, Math.floor((from / length) * dots)));
    at.textContent = !box ? "" : form.dataset.dot
      .replace("{0}", dot(event.clientX - box.left, box.width, Number(image.getAttribute("width"))))
      .replace("{1}", dot(event.clientY - box.top, box.height, Number(image.getAttribute("height"))));
  });

  // What is not published yet is kept in this browser.
  const notice = document.getElementById("draft"), key = `draft ${notice.dataset.name}`, loaded = source.value;
  const keep = () => {
    try {
      if (source.value === loaded) localStorage.removeItem(key);
      else localStorage.setItem(key, source.value);
    } catch { /* not kept, then */ }
  };
  const kept = () => { try { return localStorage.getItem(key); } catch { return null; } };
  notice.hidden = kept() === null || kept() === loaded;
  notice.addEventListener("click", (event) => {
    const act = event.target.dataset.draft;
    if (!act) return;
    if (act === "take") { source.value = kept() ?? loaded; number(); soon(0); source.focus(); }
    if (act === "drop") { try { localStorage.removeItem(key); } catch { /* was never kept */ } }
    notice.hidden = true;
  });
  if (kept() === loaded) { try { localStorage.removeItem(key); } catch { /* stays */ } }
  told();
})();
