// The screen of a work station: scans are taken without leaving the page, one after the other and in their order. A scan stays in
// the browser's store until the server has answered it, with the key that makes it one however often it is sent. Without this file
// the form does the same, a page a scan.
"use strict";
(() => {
  const form = document.getElementById("scans");
  if (!form) return;
  const words = form.dataset, fields = [...form.querySelectorAll("[data-step]")];
  const signal = document.getElementById("signal"), waiting = document.getElementById("waiting"), refused = document.getElementById("refused");
  const fail = form.querySelector("[name=result][value=fail]"), pass = form.querySelector("[name=result][value=pass]");

  // What waits for the server, and what it refused: in the store, so that a reload or a dead battery loses nothing.
  const memory = {};
  const read = (name) => {
    try {
      const kept = memory[name] ?? JSON.parse(localStorage.getItem(name) ?? "[]");
      return Array.isArray(kept) ? kept : [];
    } catch { return []; }
  };
  const write = (name, list) => {
    try { localStorage.setItem(name, JSON.stringify(list)); delete memory[name]; } catch { memory[name] = list; } // a store that is full
  };
  const queue = words.scans, stopped = `${words.scans} refused`;
  const fresh = () => `scan-${[...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;

  const show = (tone, word, text) => {
    signal.className = `signal ${tone}`;
    const strong = document.createElement("strong"), line = document.createElement("p");
    strong.textContent = word;
    line.textContent = text;
    signal.replaceChildren(strong, line);
  };
  const current = () => fields.find((field) => !field.value.trim()) ?? fields[0];
  const step = () => {
    const next = current();
    fields.forEach((field) => field.toggleAttribute("data-scan", field === next));
    next.focus();
    return next;
  };
  const ask = () => {
    const next = step();
    show(fail.checked ? "warn" : "", fail.checked ? words.fail : words.ready, words.next.replace("{0}", next.dataset.step));
  };
  const clear = () => {
    for (const field of fields) field.value = "";
    form.querySelectorAll("[name=replace]").forEach((box) => box.closest("label").remove());
    form.elements.note.value = "";
    pass.checked = true;
  };

  // Codes from the card, and letters for the keyboard.
  const COMMANDS = { F: "fail", FAIL: "fail", P: "pass", PASS: "pass", CLEAR: "clear" };
  const obeyed = (field) => {
    const command = COMMANDS[field.value.trim().toUpperCase()];
    if (!command) return false;
    field.value = "";
    if (command === "clear") clear();
    else (command === "fail" ? fail : pass).checked = true;
    if (command === "fail") window.nameplate?.tone("warn");
    ask();
    return true;
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation(); // forms elsewhere are sent once; this one is sent with every scan
    if (fields.some(obeyed)) return;
    if (fields.some((field) => !field.value.trim())) { ask(); return; }
    const data = [...new FormData(form)].filter(([name]) => name !== "form" && name !== "key");
    write(queue, [...read(queue), { key: fresh(), path: form.getAttribute("action"), block: words.block, data }]);
    if (!pause) show("", "…", fields.map((field) => field.value.trim()).join(" · "));
    clear();
    step();
    send();
  });
  fail.addEventListener("change", ask);
  pass.addEventListener("change", ask);
  form.addEventListener("keydown", (event) => { if (event.key === "Escape") { clear(); ask(); } });

  // Figures and lists of an answer are put in place; those of another block are not for this screen.
  const put = (page) => {
    const answer = page.getElementById("signal");
    signal.className = answer.className;
    signal.replaceChildren(...[...answer.childNodes].map((node) => document.importNode(node, true)));
    window.nameplate?.tone(answer.dataset.tone);
    const is = page.getElementById("left")?.dataset.block === words.block;
    for (const id of is ? ["left", "last"] : []) {
      const fresh = page.getElementById(id), place = document.getElementById(id);
      if (fresh && place) place.replaceChildren(...[...fresh.childNodes].map((node) => document.importNode(node, true)));
    }
    if (answer.dataset.refused) note(`${answer.dataset.refused}`);
    // A part that was perhaps exchanged: the same unit again, with that said.
    const box = page.querySelector("[name=replace]")?.closest("label");
    if (box && is && fields.every((field) => !field.value)) {
      for (const field of fields) field.value = page.getElementById(field.id)?.value ?? "";
      form.querySelector(".actions").before(document.importNode(box, true));
    }
  };
  const note = (text) => {
    write(stopped, [...read(stopped), text].slice(-50));
    listed();
  };
  const listed = () => {
    const list = read(stopped);
    refused.hidden = list.length < 1;
    refused.querySelector("ul").replaceChildren(...list.map((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    }));
  };
  refused.querySelector("button").addEventListener("click", () => { write(stopped, []); listed(); step(); });

  let busy = false, pause = 0, timer, trouble = "";
  const told = () => {
    const count = read(queue).length;
    waiting.hidden = !count || (!trouble && count < 2);
    waiting.textContent = waiting.hidden ? "" : `${(count === 1 ? words.one : words.other).replace("{0}", count)} ${trouble || words.sending}`;
  };
  const again = async (body) => {
    // Somebody may have signed in anew in another window: the page has the form's new token.
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    const token = page.querySelector("#scans [name=form]")?.value;
    if (token) { form.elements.form.value = token; body.set("form", token); }
    return Boolean(token);
  };
  const post = (item, body) => fetch(item.path, { method: "POST", body, headers: { accept: "text/html" }, signal: AbortSignal.timeout?.(20_000) });
  const send = async () => {
    if (busy) return;
    clearTimeout(timer);
    const [item] = read(queue);
    told();
    if (!item) return;
    busy = true;
    let done = false, reason = words.lostText;
    try {
      const body = new URLSearchParams(item.data);
      body.set("key", item.key);
      body.set("form", form.elements.form.value);
      let answer = await post(item, body);
      if (answer.status === 403 && await again(body)) answer = await post(item, body);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const answered = page.getElementById("signal");
      if (answered && (answer.ok || answer.status === 422)) {
        done = true;
        put(page);
      } else if (answer.ok || answer.status === 401 || answer.status === 403) {
        reason = words.signedOut;
      } else if (answer.status >= 400 && answer.status < 500 && ![408, 425, 429].includes(answer.status)) {
        // The server will never take it: it is shown, and kept on the list until somebody has seen it.
        done = true;
        const text = `${words.notTaken}: ${item.data.find(([name]) => name === "serial")?.[1]} (${answer.status})`;
        show("bad", words.stop, text);
        window.nameplate?.tone("bad");
        note(text);
      }
    } catch { /* no answer: it is sent again, with the same key */ }
    if (done) write(queue, read(queue).filter((each) => each.key !== item.key));
    busy = false;
    if (done) {
      [pause, trouble] = [0, ""];
      told();
      if (read(queue).length) send();
    } else {
      if (trouble !== reason) { show("bad", words.lost, reason); window.nameplate?.tone("bad"); }
      trouble = reason;
      pause = Math.min(pause * 2 || 1_000, 15_000);
      told();
      timer = setTimeout(send, pause);
    }
  };

  // The field keeps the focus: whoever touches the screen beside a control goes on scanning.
  document.addEventListener("click", (event) => { if (!event.target.closest("a, button, input, select, textarea, label, summary, dialog")) step(); });
  window.addEventListener("online", () => { pause = 0; send(); });
  window.addEventListener("storage", (event) => { if (event.key === queue) told(); if (event.key === stopped) listed(); });
  window.addEventListener("pageshow", () => { step(); listed(); send(); });
})();
