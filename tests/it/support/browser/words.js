// Finds things on a page by the words that a person reads on them. An expression: the functions that eyes.rs and hands.rs call.
(() => {
  const FIELDS = "input:not([type=hidden], [type=submit], [type=button], [type=reset], [type=image]), select, textarea";
  const DOORS =
    "a[href], area[href], button, summary, input:not([type=hidden]), [role=button], [role=link], [role=tab], [role=menuitem]";
  const ROWS = "tr, li, article, section, fieldset, form, dd, figure, details, [role=row], [role=group], [role=region]";

  const flat = (text) => (text ?? "").replace(/\s+/g, " ").trim();
  const shown = (el) =>
    el.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && el.getClientRects().length > 0;
  const words = (el) => {
    const copy = el.cloneNode(true);
    copy.querySelectorAll("input, select, textarea, script, style, [aria-hidden=true]").forEach((part) => part.remove());
    return flat(copy.textContent);
  };
  // What a person would call it: close to the accessible name, which axe checks in earnest.
  const name = (el) => {
    const ids = el.getAttribute("aria-labelledby");
    if (ids) return flat(ids.split(/\s+/).map((id) => document.getElementById(id)?.textContent).join(" "));
    if (el.ariaLabel) return flat(el.ariaLabel);
    if (el.labels?.length) return flat([...el.labels].map(words).join(" "));
    if (el.matches("input[type=submit], input[type=button], input[type=reset]")) return flat(el.value);
    if (el.matches("input, select, textarea")) return flat(el.title || el.placeholder);
    return words(el) || flat(el.querySelector("img[alt]")?.alt) || flat(el.title);
  };
  const call = (el) => {
    if (!el || el === document.body) return "";
    const tag = el.localName + (el.id ? "#" + el.id : "");
    return el.matches(FIELDS) || el.matches(DOORS) ? name(el) || tag : tag;
  };

  // A control may be drawn by its label, with the box itself invisible.
  const handle = (el) => (shown(el) ? el : [...(el.labels ?? [])].find(shown));

  // The parts of the page that hold these words, the innermost first.
  const rows = (beside) => {
    const holding = [...document.querySelectorAll(ROWS)].filter((row) => shown(row) && flat(row.textContent).includes(beside));
    return holding.reverse();
  };

  const among = (all, wanted) => {
    const lower = wanted.toLowerCase();
    const exact = all.filter((el) => name(el) === wanted);
    if (exact.length) return exact;
    const loose = all.filter((el) => name(el).toLowerCase() === lower);
    if (loose.length) return loose;
    let styled = [];
    try {
      styled = [...document.querySelectorAll(wanted)].filter((el) => all.includes(el) || shown(el));
    } catch {} // words that are no selector
    if (styled.length) return styled;
    return all.filter((el) => name(el).toLowerCase().includes(lower));
  };

  // One element by its words or its CSS selector; else { trouble }.
  const find = (kind, wanted, beside, hidden) => {
    const scopes = beside ? rows(beside) : [document];
    if (!scopes.length) return { trouble: `nothing holds the words "${beside}"` };
    const of = (scope) => [...scope.querySelectorAll(kind)].filter((el) => hidden || handle(el));
    for (const scope of scopes) {
      const found = among(of(scope), wanted).filter((el) => scope.contains(el));
      if (found.length === 1) return { el: found[0] };
      if (found.length) return { trouble: `${found.length} things are called "${wanted}": ${found.map((el) => el.outerHTML.slice(0, 90)).join(" | ")}` };
    }
    const there = [...new Set(of(scopes.at(-1)).map(name).filter(Boolean))].slice(0, 40);
    return { trouble: `nothing is called "${wanted}"; there are: ${there.map((words) => `"${words}"`).join(", ") || "none"}` };
  };

  // Where to put the pointer, after bringing it into view.
  const place = (kind, wanted, beside) => {
    const { el, trouble } = find(kind, wanted, beside);
    if (trouble) return { trouble };
    if (el.matches(":disabled") || el.ariaDisabled === "true") return { trouble: `"${wanted}" is disabled` };
    const target = handle(el);
    target.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const box = [...target.getClientRects()].find((box) => box.width && box.height);
    if (!box) return { trouble: `"${wanted}" has no size` };
    const x = box.x + box.width / 2, y = box.y + box.height / 2;
    const top = document.elementFromPoint(x, y);
    if (!top) return { trouble: `"${wanted}" is outside the window` };
    const hit = target.contains(top) || top.contains(target) && !top.matches("dialog, [role=dialog]") || top.closest("label")?.control === el;
    return hit ? { x, y } : { trouble: `"${wanted}" is covered by ${top.outerHTML.slice(0, 90)}` };
  };

  const changed = (el) => ["input", "change"].forEach((type) => el.dispatchEvent(new Event(type, { bubbles: true })));

  return {
    FIELDS, DOORS, flat, shown, name, call, find, place,

    // After the click into a field: what is in it is selected, so that typing replaces it. True if typing is not the way.
    begin(wanted, text) {
      const { el, trouble } = find(FIELDS, wanted);
      if (trouble) return trouble;
      if (el.readOnly) return `"${wanted}" is read-only`;
      if (!el.matches("textarea, input") || /^(checkbox|radio|file)$/.test(el.type)) return `nothing can be typed into "${wanted}"`;
      if (/^(date|time|datetime-local|month|week|color|range)$/.test(el.type)) {
        el.value = text;
        changed(el);
        return "set";
      }
      el.focus();
      el.select();
      return "type";
    },

    choose(wanted, option) {
      const { el, trouble } = find("select", wanted);
      if (trouble) return trouble;
      const options = [...el.options];
      const index = options.findIndex((one) => flat(one.label) === option || one.value === option);
      if (index < 0) return `"${wanted}" does not offer "${option}"; it offers: ${options.map((one) => `"${flat(one.label)}"`).join(", ")}`;
      el.focus();
      el.selectedIndex = index;
      changed(el);
      return "";
    },
  };
})()
