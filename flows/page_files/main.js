// The head, the filters, and drawing anew when something changes.
const filters = document.getElementById("filters");
const root = document.documentElement;

function drawHead() {
  const { totals: all } = page;
  const span = all.first_published_at === null ? "" : ` published from ${dayText(Date.parse(all.first_published_at))} to ${dayText(Date.parse(all.last_published_at))}`;
  document.getElementById("headline").textContent = all.articles ? "What the sources tell" : all.rejections ? "Nothing but rejections" : "This warehouse is empty";
  document.getElementById("standfirst").textContent = all.articles
    ? `${plural(all.articles, "article")} of ${plural(all.sources, "source")},${span || " none with a date"}.`
    : all.rejections ? `No article could be taken in: ${plural(all.rejections, "row was", "rows were")} rejected, for the reasons below. Once they are mended, type the same “rasad run” again, then make this page again.`
      : "No article has been taken in yet. Take some in with “rasad run PATH”, then make this page again.";
  const figures = [[all.articles, "articles"], [all.copies, "of them copies"], [all.stories, "stories of two articles or more"],
    [all.bilingual_stories, "told in two languages or more"], [all.events, "events"], [all.rejections, "rejected rows"]];
  document.getElementById("totals").append(...figures.map(([n, label]) => make("div", {}, make("dt", {}, label), make("dd", {}, format.format(n)))));
  const made = page.as_of === null ? "" : `, last run on ${dayText(Date.parse(page.as_of))}`;
  const left = d3.sum(Object.values(cubes), (cube) => cube.left_out);
  document.getElementById("provenance").textContent = `Made by Rasad from snapshot ${page.snapshot} of the warehouse${made}. `
    + `Dates are in UTC, counted by ${page.bin}. Names to filter by: the ${dimensions.names.length} most frequent.`
    + (left ? ` The smallest counts (${format.format(left)} in all) were left out to keep the page small.` : "");
  if (!all.articles) {
    filters.hidden = true;
    // What was rejected is all that such a warehouse can tell.
    for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== "trust" || !all.rejections;
  }
}

function legends() {
  const entries = {
    languages: dimensions.languages.slice(0, 4).map((code, place) => [languageColour(place), languageName(code)])
      .concat(dimensions.languages.length > 4 ? [[languageColour(4), "other languages"]] : []),
    statuses: STATUSES.map((status, place) => [`var(--status-${place})`, status]),
    quads: Object.entries(QUADS).map(([kind, text]) => [`rgb(var(--${kind}))`, text]),
  };
  for (const legend of document.querySelectorAll("[data-legend]")) {
    if (legend.dataset.legend === "languages") legend.classList.add("round");
    legend.append(...entries[legend.dataset.legend].map(([colour, text]) => make("span", {}, make("i", { colour, "aria-hidden": "true" }), text)));
  }
}

function fillFilters() {
  const options = (select, any, entries) => select.append(make("option", { value: "" }, any), ...entries.map(([value, text]) => make("option", { value, dir: "auto" }, text)));
  options(filters.elements.source, "all sources", dimensions.sources.map((source, place) => [place, source]));
  options(filters.elements.language, "all languages", dimensions.languages.map((code, place) => [place, languageName(code)]));
  const select = filters.elements.name;
  select.append(make("option", { value: "" }, "anyone, anywhere"));
  const groups = { PER: "People", ORG: "Bodies", LOC: "Places", MISC: "Other names", party: "Parties without a name" };
  for (const [label, title] of Object.entries(groups)) {
    const own = dimensions.names.map((name, place) => [name, place]).filter(([name]) => name.label === label);
    if (own.length) select.append(make("optgroup", { label: title }, d3.sort(own, ([name]) => nameText(name).toLowerCase()).map(([name, place]) => {
      const others = [name.ar, name.fa].filter((text) => text && text !== nameText(name));
      return make("option", { value: place }, [nameText(name), ...new Set(others)].join(" · "));
    })));
  }
  for (const field of ["from", "to"]) filters.elements[field].closest("label").hidden = !days.length;
  if (days.length) for (const field of ["from", "to"]) {
    filters.elements[field].min = dimensions.days[0];
    filters.elements[field].max = new Date(days.at(-1) + WIDTH - DAY).toISOString().slice(0, 10);
  }
}

function draw() {
  if (!page.totals.articles) return;
  drawStories();
  drawEvents();
  drawParties();
  drawMap();
  drawSources();
  drawTrust();
}

function filter() {
  const number = (field) => (filters.elements[field].value === "" ? null : Number(filters.elements[field].value));
  const day = (field) => (filters.elements[field].value === "" ? null : Date.parse(filters.elements[field].value));
  Object.assign(state, { from: day("from"), to: day("to"), source: number("source"), language: number("language"), name: number("name") });
  if (state.to !== null) state.to += DAY - 1;
  draw();
  document.getElementById("matching").textContent =
    [plural(total(counted("articles")), "article"), plural(matchingStories().length, "story", "stories"), plural(total(counted("events")), "event")].join(" · ");
}

const THEMES = { auto: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" };
document.getElementById("theme").addEventListener("click", (event) => {
  const names = Object.keys(THEMES);
  root.dataset.theme = names[(names.indexOf(root.dataset.theme) + 1) % names.length];
  event.currentTarget.textContent = THEMES[root.dataset.theme];
});
filters.addEventListener("change", filter);
filters.addEventListener("submit", (event) => event.preventDefault());
filters.addEventListener("reset", () => setTimeout(filter));
let width = window.innerWidth;
window.addEventListener("resize", () => { if (window.innerWidth !== width) { width = window.innerWidth; draw(); } });
window.addEventListener("beforeprint", draw);

drawHead();
if (page.totals.articles) {
  legends();
  fillFilters();
  // The first story of two languages is open: what the page is for is seen without a click.
  openStory = (page.stories.find((story) => new Set(story.told.map((article) => article.language)).size > 1) ?? page.stories[0])?.id ?? null;
  filter();
} else drawTrust();
root.dataset.ready = "true";
