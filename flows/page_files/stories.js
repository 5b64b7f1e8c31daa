// Stories on a timeline; an open one shows its languages side by side.
const FIRST_ROWS = 12;
let openStory = null;
let allRows = false;

const points = (story) => story.points
  .map(([source, language, time]) => ({ source, language, time: time === null ? null : Date.parse(time) }))
  .filter((point) => (state.source === null || point.source === state.source)
    && (state.language === null || point.language === state.language) && within(point.time));
// A story matches by its own articles, and the name by who is in it.
const matchingStories = () => page.stories
  .map((story) => ({ story, shown: points(story) }))
  .filter(({ story, shown }) => shown.length && (state.name === null || story.names.includes(state.name)));

function drawStories() {
  const target = body("stories");
  const found = matchingStories();
  if (!found.length) {
    target.replaceChildren(empty(page.stories.length ? "No story matches these filters." : "No story yet that two articles tell."));
    return;
  }
  const times = found.flatMap(({ shown }) => shown.map((point) => point.time)).filter((time) => time !== null);
  const list = make("ol", { class: "rows" });
  const head = make("li", { class: "row axis-row", role: "presentation" }, make("span"), make("span", { class: "strip" }));
  list.append(head);
  target.replaceChildren(list);
  const width = widthOf(head.lastChild);
  const extent = times.length ? d3.extent(times) : null;
  if (extent && extent[0] === extent[1]) { extent[0] -= DAY; extent[1] += DAY; }
  const scale = extent && d3.scaleUtc(extent, [8, width - 8]);
  if (scale) head.lastChild.append(timeAxis(scale, width));
  for (const { story, shown } of allRows ? found : found.slice(0, FIRST_ROWS)) list.append(storyRow(story, shown, scale, width));
  if (found.length > FIRST_ROWS) {
    const more = allRows ? "Show fewer" : `Show all ${format.format(found.length)} stories`;
    target.append(make("p", {}, make("button", { type: "button", class: "quiet more-rows",
      onclick: () => { allRows = !allRows; drawStories(); } }, more)));
  }
  if (page.totals.stories > page.stories.length)
    target.append(make("p", { class: "note" },
      `The ${format.format(page.stories.length)} most told of ${plural(page.totals.stories, "story", "stories")} are on this page.`));
}

function storyRow(story, shown, scale, width) {
  const code = dimensions.languages[story.language];
  const languages = [...new Set(shown.map((point) => point.language))].sort((a, b) => a - b);
  const dated = shown.map((point) => point.time).filter((time) => time !== null);
  const when = dated.length ? dayText(Math.min(...dated)) : null;
  const opened = openStory === story.id;
  const side = make("div", { id: `story-${story.id}`, hidden: !opened });
  const direction = RIGHT_TO_LEFT.has(code) ? "rtl" : "ltr";
  const button = make("button", { type: "button", class: "story", dir: direction, "aria-expanded": String(opened), "aria-controls": side.id,
    onclick: () => {
      openStory = openStory === story.id ? null : story.id;
      drawStories();
      document.querySelector(`[aria-controls="story-${story.id}"]`)?.focus();
    } },
    make("span", { class: "title isolate", lang: code }, story.title ?? "(without a title)"),
    make("span", { class: "meta" }, make("bdi", { dir: "ltr" }, [when, plural(story.articles, "article"), languages.map((l) => languageName(dimensions.languages[l])).join(", "),
      plural(new Set(shown.map((point) => point.source)).size, "source")].filter(Boolean).join(" · "))));
  if (opened) side.append(...storySides(story));
  return make("li", { class: opened ? "open" : null }, make("div", { class: "row" }, button, strip(shown, scale, width)), side);
}

function strip(shown, scale, width) {
  const dated = shown.filter((point) => point.time !== null);
  if (!scale || !dated.length) return make("span", { class: "count" }, "no date");
  const height = 26;
  const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${plural(dated.length, "dated article")}, `
    + `${dayText(d3.min(dated, (p) => p.time))} to ${dayText(d3.max(dated, (p) => p.time))}` });
  svg.append(make("line", { class: "tick-line", x1: 0, x2: width, y1: height / 2, y2: height / 2 }));
  const [first, last] = d3.extent(dated, (point) => scale(point.time));
  svg.append(make("line", { class: "baseline", x1: first, x2: last, y1: height / 2, y2: height / 2 }));
  // Languages lie above each other, so that dots of one hour do not hide each other.
  const languages = [...new Set(dated.map((point) => point.language))].sort((a, b) => a - b);
  for (const point of dated) {
    const y = height / 2 + (languages.indexOf(point.language) - (languages.length - 1) / 2) * 7;
    svg.append(make("circle", { cx: scale(point.time), cy: y, r: 4.5, fill: languageColour(point.language), "fill-opacity": 0.9 },
      make("title", {}, `${dayText(point.time)} · ${dimensions.sources[point.source]} · ${languageName(dimensions.languages[point.language])}`)));
  }
  return svg;
}

function storySides(story) {
  const sides = d3.groups(story.told, (article) => article.language).sort((a, b) => a[0] - b[0]).map(([language, articles]) => {
    const code = dimensions.languages[language];
    const direction = RIGHT_TO_LEFT.has(code) ? "rtl" : "ltr";
    return make("div", { class: "side", colour: languageColour(language), dir: direction },
      make("h3", {}, isolated(languageName(code), "en")),
      articles.map((article, index) => sideArticle(article, index > 0, code, direction)));
  });
  const chips = story.names.slice(0, 12).map((place) => make("li", {}, make("button", { type: "button",
    onclick: () => { filters.elements.name.value = String(place); filter(); } },
    make("span", { class: "visually-hidden" }, "Filter by "), isolated(nameText(dimensions.names[place])))));
  return [make("div", { class: "sides" }, sides), chips.length ? make("ul", { class: "chips", "aria-label": "Names in this story" }, chips) : null].filter(Boolean);
}

function sideArticle(article, isFurther, code, direction) {
  const time = article.published_at === null ? null : Date.parse(article.published_at);
  const by = make("p", { class: "by" }, isolated(dimensions.sources[article.source]), " · ", isolated(dayText(time), "en"),
    article.is_copy ? " · " : null, article.is_copy ? isolated("repeats an earlier article", "en") : null);
  // Only web addresses become links: a `javascript:` address of an article must never be one.
  if (/^https?:\/\//i.test(article.url ?? ""))
    by.append(" · ", make("a", { href: article.url, rel: "noopener noreferrer nofollow", target: "_blank", lang: "en", dir: "ltr", class: "nowrap" }, "at the source"));
  return make("article", { lang: code, dir: direction, class: isFurther ? "more" : null },
    // The first article of a side shows its beginning, which stands for a title that it has not.
    article.title || isFurther ? make("h4", { dir: "auto" }, article.title ?? "(without a title)") : null,
    isFurther ? null : make("p", { class: "lead", dir: "auto" }, article.lead), by);
}
