// What pages do beyond links and forms. Everything works without this file; every behaviour is asked for by a data attribute,
// and every word that is shown comes from one. The attributes are explained in templates/pages/README.md.
"use strict";
(() => {
  const BURST = 35; // milliseconds between two characters of a scanner; people are slower
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
  const on = (type, handler, options) => document.addEventListener(type, handler, options);
  const field = (element) => element?.closest?.("input:not([type=checkbox],[type=radio],[type=range]), textarea, select, [contenteditable]");
  const motion = matchMedia("(prefers-reduced-motion: reduce)");

  // Time zone: the server writes moments in it from the next page on.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (/^[\w+/-]{1,64}$/.test(zone || "")) document.cookie = `tz=${zone};path=/;max-age=31536000;samesite=lax`;

  // Words for those who listen.
  const live = document.createElement("p");
  live.className = "sr";
  live.setAttribute("role", "status");
  document.body.append(live);
  const say = (text) => { live.textContent = ""; setTimeout(() => { live.textContent = text; }, 50); };

  // Sounds: rising for good, low for bad, twice the same for "look".
  let audio;
  const TONES = { ok: [[880, 0.09], [1320, 0.14]], warn: [[620, 0.13], [0, 0.07], [620, 0.13]], bad: [[196, 0.28], [0, 0.06], [147, 0.45]] };
  const play = (notes) => {
    let at = audio.currentTime;
    for (const [pitch, length] of notes) {
      if (pitch) {
        const voice = audio.createOscillator(), volume = audio.createGain();
        voice.type = pitch > 800 ? "sine" : "square";
        voice.frequency.value = pitch;
        volume.gain.setValueAtTime(0.25, at);
        volume.gain.linearRampToValueAtTime(0, at + length);
        voice.connect(volume).connect(audio.destination);
        voice.start(at);
        voice.stop(at + length);
      }
      at += length;
    }
  };
  const tone = async (name) => {
    const asked = performance.now();
    if (navigator.userActivation?.hasBeenActive === false) return; // browsers stay silent until the page was touched
    try {
      audio ??= new AudioContext();
      await audio.resume(); // a sound that comes late means nothing
      if (performance.now() - asked < 1000) play(TONES[name] ?? []);
    } catch { /* a browser without sound still shows the word and the colour */ }
  };

  // Where scanned text goes: the page's own scan field, or else the look-up.
  const scanField = () => document.querySelector("dialog[open] input[data-scan]") ?? document.querySelector("input[data-scan]:not(:disabled)")
    ?? document.querySelector("form[role=search] input[name=q]");
  let heard = "", last = -Infinity;
  on("keydown", (event) => {
    const mixed = event.ctrlKey || event.metaKey || event.altKey;
    const quick = event.timeStamp - last <= BURST;
    if (event.defaultPrevented || event.isComposing || (mixed && !event.getModifierState("AltGraph"))) return;
    if (event.key.length === 1) {
      heard = quick ? heard + event.key : event.key;
      last = event.timeStamp;
      if (field(event.target)) return;
      if (heard === "/") {
        const lookup = document.querySelector("form[role=search] input[name=q]");
        if (lookup) { event.preventDefault(); lookup.focus(); lookup.select(); }
      } else if (heard.length > 1) {
        event.preventDefault(); // a blank of a scan presses no button
      }
    } else if (event.key === "Enter") {
      const target = scanField();
      if (quick && heard.length >= 4 && target && !field(event.target)) {
        event.preventDefault();
        target.value = heard;
        target.form.requestSubmit();
      }
      heard = "";
    } else if (event.key !== "Shift" && event.key !== "CapsLock" && event.key !== "AltGraph") {
      heard = "";
    }
  }, true);

  // Dangerous posts ask first: data-confirm, data-yes, data-no on the button or the form.
  const ask = (form, button, asker) => {
    const dialog = document.createElement("dialog"), text = document.createElement("p"), row = document.createElement("div");
    text.textContent = asker.dataset.confirm;
    text.className = "lead";
    text.id = "confirm-text";
    dialog.setAttribute("aria-labelledby", text.id);
    row.className = "actions";
    const choice = (label, name, act) => {
      const made = document.createElement("button");
      made.type = "button";
      made.textContent = label;
      made.className = name;
      made.addEventListener("click", () => { dialog.close(); act?.(); });
      row.append(made);
    };
    choice(asker.dataset.no || document.body.dataset.no || "\u2715", "");
    choice(asker.dataset.yes || button?.textContent || "\u2713", "danger primary", () => {
      form.dataset.sure = "";
      form.requestSubmit(button);
    });
    dialog.append(text, row);
    dialog.addEventListener("close", () => { dialog.remove(); button?.focus(); });
    document.body.append(dialog);
    dialog.showModal();
  };

  // One press, one post. The key in the form holds that for the server too; this spares people the second page.
  const free = (form) => {
    delete form.dataset.sent;
    all("[aria-disabled=true]", form).forEach((button) => button.removeAttribute("aria-disabled"));
  };
  on("submit", (event) => {
    const form = event.target, button = event.submitter;
    const asker = button?.dataset.confirm ? button : form.dataset.confirm ? form : null;
    if (asker && !("sure" in form.dataset)) {
      event.preventDefault();
      ask(form, button, asker);
      return;
    }
    delete form.dataset.sure;
    if (form.dataset.swap) {
      event.preventDefault();
      queue(form, button);
    } else if (form.method === "post") {
      if ("sent" in form.dataset) { event.preventDefault(); return; }
      form.dataset.sent = "";
      all("button:not([type=button])", form).forEach((each) => each.setAttribute("aria-disabled", "true"));
      setTimeout(() => free(form), 10_000); // a download leaves the page where it is
    }
  });
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach(free));

  // Parts of a page replaced by those of an answer: data-swap on forms, data-refresh on a part that changes by itself.
  const put = (ids, text) => {
    const answer = new DOMParser().parseFromString(text, "text/html");
    const found = ids.filter((id) => answer.getElementById(id));
    if (!found.length) throw new Error("another page"); // signed out, most likely
    for (const id of found) {
      const fresh = answer.getElementById(id);
      document.getElementById(id)?.replaceWith(fresh);
      ready(fresh);
    }
  };
  let line = Promise.resolve();
  const queue = (form, button) => {
    const data = new FormData(form, button);
    const scan = form.querySelector("input[data-scan]");
    if (scan) { scan.value = ""; scan.focus(); }
    const ids = form.dataset.swap.split(" ");
    const multipart = form.enctype === "multipart/form-data";
    // One after the other, in the order of the scans.
    line = line.then(async () => {
      try {
        const answer = await fetch(form.action, { method: "POST", body: multipart ? data : new URLSearchParams(data) });
        if (!(answer.headers.get("content-type") ?? "").startsWith("text/html")) throw new Error(answer.statusText);
        put(ids, await answer.text());
      } catch {
        const lost = document.getElementById(form.dataset.lost), place = document.getElementById(ids[0]);
        if (!lost || !place) return;
        place.classList.remove("ok", "warn");
        place.classList.add("bad");
        place.replaceChildren(lost.content.cloneNode(true));
        tone("bad");
      }
    });
  };
  const refresh = (part) => {
    const again = async () => {
      if (!part.isConnected) return;
      const busy = document.hidden || part.contains(document.activeElement) || document.querySelector("dialog[open]") || String(getSelection());
      if (!busy) {
        try {
          const answer = await fetch(location.href);
          if (answer.ok) { put([part.id], await answer.text()); if (!part.isConnected) return; }
        } catch { /* the next turn tries again */ }
      }
      setTimeout(again, Number(part.dataset.refresh) * 1000);
    };
    setTimeout(again, Number(part.dataset.refresh) * 1000);
  };

  on("click", (event) => {
    const at = (selector) => event.target.closest?.(selector);
    const copy = at("[data-copy]"), open = at("[data-open]"), close = at("[data-close]"), row = at("[data-rows] tbody tr"), place = at("[data-place-x]");
    if (copy) copied(copy);
    if (open) document.getElementById(open.dataset.open)?.showModal();
    if (close) close.closest("dialog")?.close();
    if (row && !at("a, button, input, label, select, summary") && !String(getSelection())) {
      const link = row.querySelector("a[href]");
      if (link && (event.ctrlKey || event.metaKey)) window.open(link.href, "_blank", "noopener");
      else link?.click();
    }
    if (place) placed(place, event);
    for (const sheet of all("details.who[open]")) if (!sheet.contains(event.target)) sheet.open = false;
  });
  on("keydown", (event) => {
    if (event.key !== "Escape") return;
    const sheet = document.querySelector("details.who[open]");
    if (sheet) { sheet.open = false; sheet.querySelector("summary").focus(); }
  });

  const copied = async (button) => {
    const text = button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
    } catch { // no clipboard without https: the old way
      const area = document.createElement("textarea");
      area.value = text;
      button.after(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    const before = button.dataset.before ??= button.textContent;
    button.textContent = button.dataset.copied || before;
    say(button.textContent);
    setTimeout(() => { button.textContent = before; }, 2000);
  };

  // A place on a label: a click fills the two fields, the fields move the mark.
  const placed = (label, event) => {
    const box = label.getBoundingClientRect();
    const put = (id, share, length) => {
      const input = document.getElementById(id);
      input.value = (Math.min(Math.max(share, 0), 1) * length).toFixed(1);
      input.dispatchEvent(new Event("input", { bubbles: true }));
    };
    put(label.dataset.placeX, (event.clientX - box.left) / box.width, Number(label.dataset.width));
    put(label.dataset.placeY, (event.clientY - box.top) / box.height, Number(label.dataset.height));
  };
  const marked = (label) => {
    const mark = label.querySelector(".new"), x = document.getElementById(label.dataset.placeX), y = document.getElementById(label.dataset.placeY);
    // Commas, too.
    const share = (input, length) => input.value ? 100 * input.value.replace(",", ".") / length : NaN;
    const move = () => {
      const at = [share(x, label.dataset.width), share(y, label.dataset.height)], is = at.every((n) => n >= 0 && n <= 100);
      if (is) at.forEach((n, i) => mark.setAttribute("xy"[i], `${n}%`));
      mark.toggleAttribute("hidden", !is);
    };
    if (mark && x && y) { x.addEventListener("input", move); y.addEventListener("input", move); move(); }
  };

  // Printer dots as whole screen dots, whatever the screen's scale.
  const zoom = (bar) => {
    const buttons = all("[data-zoom]", bar), scale = devicePixelRatio || 1, key = `zoom ${bar.dataset.zooms}`;
    const set = (times) => {
      document.querySelector(bar.dataset.zooms)?.classList.toggle("fit", times === "fit");
      for (const image of all(`${bar.dataset.zooms} img`)) {
        const dot = times * Math.max(1, Math.round(scale)) / scale;
        image.style.width = times === "fit" ? "" : `${image.dataset.dots * dot}px`;
        image.style.height = "auto";
      }
      buttons.forEach((each) => each.setAttribute("aria-pressed", String(each.dataset.zoom === times)));
      keep(key, times);
    };
    buttons.forEach((each) => each.addEventListener("click", () => set(each.dataset.zoom)));
    set(kept(key) || bar.dataset.times || "fit");
  };

  // Two pictures: side by side, one over the other, or in turn (slower than three times a second, and only while asked).
  const compare = (box) => {
    const bar = box.querySelector("[data-modes]"), cut = box.querySelector("input[type=range]");
    let turn;
    const set = (mode) => {
      clearInterval(turn);
      box.classList.toggle("over", mode !== "side");
      box.classList.toggle("blink", mode === "blink");
      box.classList.remove("second");
      cut.closest("label").hidden = mode !== "over";
      if (mode === "blink" && !motion.matches) turn = setInterval(() => box.classList.toggle("second"), 700);
      all("[data-mode]", bar).forEach((each) => each.setAttribute("aria-pressed", String(each.dataset.mode === mode)));
    };
    bar.addEventListener("click", (event) => {
      const button = event.target.closest("[data-mode]");
      if (button?.dataset.mode === "blink" && box.classList.contains("blink") && motion.matches) box.classList.toggle("second");
      else if (button) set(button.dataset.mode);
    });
    const move = () => box.style.setProperty("--cut", `${cut.value}%`);
    cut.addEventListener("input", move);
    move();
    set("side");
  };

  // Selects that send their form: at once by mouse, on leaving by keyboard, where arrows walk through the choices.
  const sends = (select) => {
    let keys = false, changed = false;
    const send = () => { if (changed) { changed = false; select.form.requestSubmit(); } };
    select.addEventListener("keydown", (event) => { keys = true; if (event.key === "Enter") send(); });
    select.addEventListener("pointerdown", () => { keys = false; });
    select.addEventListener("change", () => { changed = true; if (!keys) send(); });
    select.addEventListener("blur", send);
  };

  const kept = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const keep = (key, value) => { try { localStorage.setItem(key, value); } catch { /* not kept, then */ } };
  const remembers = (details) => {
    const key = `open ${details.dataset.keep}`;
    if (kept(key)) details.open = kept(key) === "yes";
    details.addEventListener("toggle", () => keep(key, details.open ? "yes" : "no"));
  };

  // Also called for parts that an answer brought.
  const ready = (part) => {
    const each = (selector, act) => [...(part.matches?.(selector) ? [part] : []), ...all(selector, part)].forEach(act);
    each("[data-tone]", (element) => tone(element.dataset.tone));
    each("[data-refresh]", refresh);
    each("[data-zooms]", zoom);
    each("[data-compare]", compare);
    each("[data-place-x]", marked);
    each("select[data-submit]", sends);
    each("details[data-keep]", remembers);
  };
  window.nameplate = { tone, say, ready };
  ready(document);
})();
