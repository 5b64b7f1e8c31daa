// Data, state and what every part of the page needs. Text reaches the page through textContent alone, never as HTML.
const page = JSON.parse(document.getElementById("data").textContent);
const world = JSON.parse(document.getElementById("world").textContent);
const { dimensions, cubes } = page;
const DAY = 86400000;
const days = dimensions.days.map((day) => Date.parse(day));
const state = { from: null, to: null, source: null, language: null, name: null };

const STATUSES = ["happened", "planned", "put off or cancelled", "denied", "only spoken of"];
const TYPES = {
  AGREE: "agreements", CONSULT: "meetings and talks", SUPPORT: "support", CONCEDE: "concessions", COOPERATE: "cooperation",
  AID: "aid", RETREAT: "easing and release", REQUEST: "requests and demands", ACCUSE: "accusations", REJECT: "refusals",
  THREATEN: "threats", PROTEST: "protests", SANCTION: "sanctions", MOBILIZE: "mobilization", COERCE: "coercion",
  ASSAULT: "attacks", X_ELECTION: "elections", X_APPOINT: "appointments", X_DISASTER: "disasters", X_ECON: "economy",
  X_DEATH: "deaths", X_CRIME: "crime", X_TRIAL: "trials", X_ACCIDENT: "accidents",
};
const SECTORS = {
  COP: "police", GOV: "a government", JUD: "courts", LEG: "parliament", MIL: "armed forces", PRM: "paramilitary", PTY: "a party",
  REB: "rebels", SPY: "secret service", UAF: "armed group", UNK: "somebody unnamed", AGR: "farmers", BUS: "business", CRM: "criminals",
  CVL: "civilians", EDU: "education", ELI: "elites", JRN: "the press", LAB: "workers",
};
const RIGHT_TO_LEFT = new Set(["ar", "fa", "ckb", "ur", "ps", "sd", "ug", "azb", "ks", "he"]);
const languageNames = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });
const format = new Intl.NumberFormat("en");
const dayFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

const languageName = (code) => (code === "und" ? "language in doubt" : languageNames.of(code));
const languageColour = (place) => `var(--language-${Math.min(place, 4)})`;
const typeName = (type) => TYPES[type.id] ?? type.id.replace(/^X_/, "").toLowerCase().replaceAll("_", " ");
const dayText = (time) => (time === null ? "no date" : dayFormat.format(time));
const plural = (n, one, many = `${one}s`) => `${format.format(n)} ${n === 1 ? one : many}`;

function nameText(name) {
  if (!name.id.startsWith("sector ")) return name.en ?? name.ar ?? name.fa ?? name.id;
  const [sector, country] = name.id.slice(7).split(", ");
  return (SECTORS[sector] ?? sector) + (country ? ` (${country})` : "");
}

// An element with attributes and children; strings become text.
function make(tag, attributes = {}, ...children) {
  const svg = ["svg", "g", "path", "rect", "circle", "line", "text", "title"].includes(tag);
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") element.addEventListener("click", value);
    else if (name === "colour") element.style.setProperty("--of", value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

const body = (section) => document.querySelector(`#${section} > .body`);
const empty = (text) => make("p", { class: "empty" }, text);
// A text of whatever script, in its own direction, that cannot disturb what stands beside it.
const isolated = (text, language) => make("bdi", { dir: "auto", lang: language ?? null }, text);

// A table that says what a figure shows; `numbers` counts the columns of numbers at its end.
function table(caption, heads, rows, numbers = 1, attributes = {}) {
  const first = heads.length - numbers;
  const aligned = (index) => (index >= first ? { class: "number" } : {});
  return make("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": caption },
    make("table", attributes,
      make("caption", {}, caption),
      make("thead", {}, make("tr", {}, heads.map((head, index) => make("th", { scope: "col", ...aligned(index) }, head)))),
      make("tbody", {}, rows.map((cells) => make("tr", {}, cells.map((cell, index) => {
        const content = typeof cell === "number" ? format.format(cell) : cell;
        return index ? make("td", aligned(index), content) : make("th", { scope: "row" }, content);
      }))))));
}
const behind = (summary, ...children) => make("details", {}, make("summary", {}, summary), ...children);

// Rows of a cube as objects, by the filters in force. With a name chosen, the cube that knows names is read.
function counted(cube) {
  const { columns, rows } = cubes[state.name !== null && cubes[`${cube}_named`] ? `${cube}_named` : cube];
  const at = Object.fromEntries(columns.map((column, index) => [column, index]));
  const kept = [];
  for (const row of rows) {
    if (state.source !== null && row[at.source] !== state.source) continue;
    if (state.language !== null && row[at.language] !== state.language) continue;
    if (state.name !== null && "name" in at && row[at.name] !== state.name) continue;
    if (state.name !== null && "actor" in at && row[at.actor] !== state.name && row[at.recipient] !== state.name) continue;
    if (!within(row[at.day] < 0 ? null : days[row[at.day]])) continue;
    kept.push(Object.fromEntries(columns.map((column, index) => [column, row[index]])));
  }
  return kept;
}
const WIDTH = { day: DAY, week: 7 * DAY, month: 31 * DAY, year: 366 * DAY }[page.bin];
function within(time) {
  if (state.from === null && state.to === null) return true;
  if (time === null) return false;
  return (state.from === null || time + WIDTH > state.from) && (state.to === null || time <= state.to);
}
const total = (rows) => d3.sum(rows, (row) => row.n);
const totals = (rows, key) => d3.rollup(rows, total, key);

// The width at which a figure is drawn: its own, so that letters keep their size on a phone.
const widthOf = (element) => Math.max(180, Math.floor(element.getBoundingClientRect().width));

function timeAxis(scale, width, height = 22) {
  const ticks = scale.ticks(Math.max(2, Math.floor(width / 95)));
  const label = scale.tickFormat();
  const axis = make("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  for (const tick of ticks) {
    const x = scale(tick);
    const anchor = x < 20 ? "start" : x > width - 24 ? "end" : "middle";
    axis.append(make("text", { x, y: height - 7, "text-anchor": anchor }, label(tick)));
    axis.append(make("line", { class: "tick-line", x1: x, x2: x, y1: height - 4, y2: height }));
  }
  return axis;
}
