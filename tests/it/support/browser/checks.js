// What axe does not check. An expression: functions that answer a list of findings, each a readable line.
(() => {
  const TARGETS =
    "a[href], area[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=link], [role=tab], [role=menuitem]";
  const shown = (el) =>
    el.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && el.getClientRects().length > 0;
  const called = (el) => {
    const words = (el.ariaLabel || el.innerText || el.labels?.[0]?.innerText || "").replace(/\s+/g, " ").trim().slice(0, 40);
    return `<${el.localName}${el.id ? ` id=${el.id}` : ""}${el.className ? ` class="${el.className}"` : ""}>${words ? ` "${words}"` : ""}`;
  };
  const size = (box) => `${Math.round(box.width * 10) / 10} x ${Math.round(box.height * 10) / 10}`;

  // A colour over white as red, green, blue.
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const paint = (...colours) => {
    for (const colour of ["#fff", ...colours]) {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const luminance = (pixel) => {
    const [r, g, b] = [...pixel].map((part) => part / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const behind = (el) => {
    const colours = [];
    for (let at = el; at; at = at.parentElement) colours.unshift(getComputedStyle(at).backgroundColor);
    return colours;
  };

  // WCAG 2.2, 2.5.8: 24 x 24, unless it stands in a sentence, or a circle of 24 around its middle meets no other target.
  const undersized = () => {
    const all = [...document.querySelectorAll(TARGETS)].filter(shown).filter((el) => !el.matches(":disabled"));
    // A click on the label does the same.
    const boxes = new Map(all.map((el) => [el, [el, ...(el.labels ?? [])].filter(shown).map((part) => part.getBoundingClientRect())]));
    const big = (box) => box.width >= 23.95 && box.height >= 23.95;
    const inSentence = (el) =>
      getComputedStyle(el).display === "inline" &&
      [...el.parentElement.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && /\p{L}/u.test(node.data));
    const small = all.filter((el) => !boxes.get(el).some(big) && !inSentence(el));
    const middle = (box) => [box.x + box.width / 2, box.y + box.height / 2];
    const reach = ([x, y], box) =>
      Math.hypot(Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom));
    const crowded = (el) => {
      const at = middle(boxes.get(el)[0]);
      return all.find((other) => {
        if (other === el || other.contains(el) || el.contains(other)) return false;
        const box = boxes.get(other)[0];
        if (reach(at, box) < 11.95) return true;
        return small.includes(other) && Math.hypot(at[0] - middle(box)[0], at[1] - middle(box)[1]) < 23.95;
      });
    };
    return small.flatMap((el) => {
      const other = crowded(el);
      return other ? [`target of ${size(boxes.get(el)[0])} px, closer than 24 px to ${called(other)}: ${called(el)}`] : [];
    });
  };

  const tabbable = () => {
    const all = document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]");
    const reached = (el) => shown(el) && !el.matches(":disabled, [tabindex^='-'], [type=radio]") && !el.closest("[inert]");
    return [...all].filter(reached);
  };

  return {
    // The document as such.
    document() {
      const found = [];
      const h1 = document.querySelectorAll("h1").length;
      if (h1 !== 1) found.push(`${h1} elements h1 instead of one`);
      if (!document.title.trim()) found.push("no title");
      if (!/^[a-z]{2,3}(-|$)/.test(document.documentElement.lang)) found.push("no lang on html");
      const ids = [...document.querySelectorAll("[id]")].map((el) => el.id);
      const twice = new Set(ids.filter((id, at) => ids.indexOf(id) !== at));
      twice.forEach((id) => found.push(`id used twice: ${id}`));
      for (const image of document.images) {
        if (!image.hasAttribute("width") || !image.hasAttribute("height")) {
          found.push(`image without width and height: ${image.getAttribute("src")}`);
        }
      }
      return found;
    },

    // At the width that the window has now.
    layout() {
      const found = undersized();
      const root = document.documentElement;
      if (root.scrollWidth > root.clientWidth) {
        const wide = [...document.body.querySelectorAll("*")].filter((el) => {
          const outside = el.getBoundingClientRect().right > root.clientWidth + 1;
          const clipped = (at) => at && at !== document.body && (getComputedStyle(at).overflowX !== "visible" || clipped(at.parentElement));
          return outside && shown(el) && !clipped(el.parentElement);
        });
        found.push(`scrolls sideways: ${root.scrollWidth} px of content; ${wide.slice(-3).map(called).join(", ") || "?"}`);
      }
      return found;
    },

    // As if nobody had been on the page yet.
    top() {
      const start = document.createElement("span");
      start.tabIndex = -1;
      document.body.prepend(start);
      start.focus();
      start.remove();
      scrollTo(0, 0);
      return [];
    },

    // The element that a press of Tab has led to: null once round the page, else findings.
    stop() {
      const seen = (window.tabStops ??= new Set());
      const el = document.activeElement;
      if (!el || el === document.body || el === document.documentElement) return null;
      // Some controls have several stops inside, a date for instance.
      window.tabStays = el === [...seen].at(-1) ? window.tabStays + 1 : 0;
      if (window.tabStays > 12) return null;
      if (window.tabStays > 0) return window.tabStays === 12 ? [`Tab does not leave ${called(el)}`] : [];
      if (seen.has(el)) return null;
      seen.add(el);
      const found = [];
      const style = getComputedStyle(el);
      const [width, kind] = [parseFloat(style.outlineWidth), style.outlineStyle];
      const around = paint(...behind(el.parentElement ?? el));
      if (kind === "none" || (kind !== "auto" && width < 2)) {
        found.push(`focus is not visible, no outline of 2 px or more: ${called(el)}`);
      } else if (kind !== "auto") {
        const ratio = contrast(paint(...behind(el.parentElement ?? el), style.outlineColor), around);
        if (ratio < 3) found.push(`focus outline has a contrast of ${ratio.toFixed(2)}, less than 3: ${called(el)}`);
      }
      const box = el.getBoundingClientRect();
      const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
      const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
      if (right - left < 1 || bottom - top < 1) {
        found.push(`focus is outside the window: ${called(el)}`);
      } else {
        const points = [[0.5, 0.5], [0.1, 0.2], [0.9, 0.8]].map(([x, y]) => [left + (right - left) * x, top + (bottom - top) * y]);
        const free = points.some(([x, y]) => {
          const at = document.elementFromPoint(x, y);
          return at && (el.contains(at) || at.contains(el) || at.closest("label")?.control === el);
        });
        if (!free) found.push(`focus is covered: ${called(el)}`);
      }
      return found;
    },

    // After the last stop.
    unreached() {
      const seen = window.tabStops ?? new Set();
      delete window.tabStops;
      return tabbable().filter((el) => !seen.has(el)).map((el) => `Tab does not lead to ${called(el)}`);
    },
  };
})()
