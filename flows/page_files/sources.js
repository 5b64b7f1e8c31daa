// Languages by source, how sources stand, what was rejected, and how far to trust the tables.
function drawSources() {
  const target = body("sources");
  const rows = counted("articles");
  if (!rows.length) {
    target.replaceChildren(empty(cubes.articles.rows.length ? "No article matches these filters." : "No articles yet."));
    return;
  }
  const sources = d3.sort(d3.groups(rows, (row) => row.source), ([, group]) => -total(group));
  const highest = total(sources[0][1]);
  const lines = sources.map(([source, group]) => {
    const bar = make("span", { class: "bar", "aria-hidden": "true" });
    for (const [language, n] of d3.sort(totals(group, (row) => row.language), ([language]) => language)) {
      const part = make("span", { colour: languageColour(language), title: `${languageName(dimensions.languages[language])}: ${n}` });
      part.style.width = `${(100 * n) / highest}%`;
      bar.append(part);
    }
    const mix = d3.sort(totals(group, (row) => row.language), ([, n]) => -n).map(([language, n]) => `${languageName(dimensions.languages[language])} ${format.format(n)}`);
    return make("tr", {}, make("th", { scope: "row" }, isolated(dimensions.sources[source])), make("td", {}, bar, make("span", { class: "count" }, mix.join(", "))), make("td", { class: "number" }, format.format(total(group))));
  });
  target.replaceChildren(make("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": "Articles by source and language" },
    make("table", { class: "share" }, make("caption", {}, "Articles by source and language"),
      make("thead", {}, make("tr", {}, ["source", "languages"].map((head) => make("th", { scope: "col" }, head)), make("th", { scope: "col", class: "number" }, "articles"))),
      make("tbody", {}, lines))));
  const chosen = state.source === null ? page.sources : page.sources.filter((row) => row.source === dimensions.sources[state.source]);
  const share = (n, of) => (of ? `${Math.round((100 * n) / of)}%` : "—");
  target.append(make("h3", {}, "How the sources stand"),
    table("Of all articles, whatever the dates above", ["source", "articles", "copies", "no date", "no title", "language in doubt", "rejected", "events per article", "latest"],
      chosen.map((row) => [isolated(row.source), row.articles, share(row.copies, row.articles), share(row.without_date, row.articles), share(row.without_title, row.articles),
        share(row.without_language, row.articles), row.rejected, row.articles ? (row.events / row.articles).toFixed(1) : "—",
        row.last_published_at === null ? "—" : dayText(Date.parse(row.last_published_at))]), 8));
}

function drawTrust() {
  const target = body("trust");
  target.replaceChildren(page.rejections.length
    ? table("Rejected rows by rule, in the whole warehouse", ["stage", "rule", "for example", "open", "resolved"],
      page.rejections.map((row) => [row.stage, make("code", {}, row.rule), isolated(row.example), row.open, row.resolved]), 2)
    : empty("Nothing was rejected."));
  if (page.rejections.length)
    target.append(make("p", { class: "note" }, "Once the cause is mended: ", make("code", {}, "rasad replay"), " takes them through again."));
  if (!page.quality.length) return;
  // The figures that an analyst asks for first: names, types of events, places, languages of short texts.
  const METRICS = { f1: "F1", accuracy: "right", precision: "precision", recall: "recall", bcubed_f1: "BCubed F1" };
  const line = (row) => [`${row.stage}: ${row.subject}`, row.language === "mul" ? "several" : languageName(row.language), row.corpus,
    row.basis, row.n === null ? "—" : plural(row.n, row.unit.replace(/s$/, "")), METRICS[row.metric], row.value.toFixed(3)];
  const heads = ["what", "language", "measured on", "which is", "of", "as", "figure"];
  const first = page.quality.filter((row) => ["PER, ORG, LOC", "act_type", "modality", "polarity"].includes(row.subject) && row.basis !== "tuned-on"
    && !["precision", "recall"].includes(row.metric));
  target.append(make("h3", {}, "How far to trust the columns"),
    table("Accuracy of the shipped models and rules, from 0 to 1", heads, first.map(line), 2),
    behind(`All ${page.quality.length} figures`, table("Every figure of quality_metrics", heads, page.quality.map(line), 2)));
}
