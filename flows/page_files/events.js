// Events by day, type and what became of them.
const FIRST_TYPES = 10;
const INTERVALS = { day: d3.utcDay, week: d3.utcMonday, month: d3.utcMonth, year: d3.utcYear };

function drawEvents() {
  const target = body("events");
  const rows = counted("events");
  if (!rows.length) {
    target.replaceChildren(empty(cubes.events.rows.length ? "No event matches these filters." : "No events yet."));
    return;
  }
  const dated = rows.filter((row) => row.day >= 0);
  const figure = make("figure", { style: "margin:0" });
  target.replaceChildren(figure);
  const types = d3.sort(totals(rows, (row) => row.type), ([, n]) => -n);
  if (dated.length) {
    const bins = binned(dated, widthOf(figure));
    figure.append(make("figcaption", { class: "note" }, `Events by ${bins.unit}, all types`), stacked(dated, bins, widthOf(figure), 170, true));
    const list = make("ol", { class: "rows", "aria-label": "The same for each type" });
    figure.append(make("h3", {}, "By type"), list);
    let own = null;
    for (const [type, n] of types.slice(0, FIRST_TYPES)) {
      const row = make("li", { class: "row type-row" }, make("span", {}, make("span", { class: "name" }, typeName(dimensions.types[type])), " ",
        make("span", { class: "count" }, format.format(n))), make("span"));
      list.append(row);
      if (own === null) {
        const width = widthOf(row.lastChild);
        const narrow = binned(dated, width);
        own = { width, bins: narrow, highest: d3.max(types, ([any]) => narrow.highest(dated.filter((entry) => entry.type === any))) };
      }
      const these = dated.filter((entry) => entry.type === type);
      row.lastChild.replaceWith(these.length ? stacked(these, own.bins, own.width, 34, false, own.highest) : make("span", { class: "count" }, "no day known"));
    }
    list.append(make("li", { class: "row type-row", role: "presentation" }, make("span"), timeAxis(d3.scaleUtc([own.bins.start, own.bins.end], [0, own.width]), own.width)));
  }
  const undated = total(rows) - total(dated);
  if (!dated.length) figure.append(...byTypeAlone(rows, types));
  else if (undated) figure.append(make("p", { class: "note" }, `${plural(undated, "event")} without a day, or long before or after the articles, are in the table alone.`));
  const byType = d3.rollup(rows, (group) => totals(group, (row) => row.status), (row) => row.type);
  target.append(behind("The same as a table", table("Events by type and what became of them", ["type", ...STATUSES, "all"],
    types.map(([type, n]) => [`${typeName(dimensions.types[type])} (${dimensions.types[type].id})`, ...STATUSES.map((_, status) => byType.get(type).get(status) ?? 0), n]),
    STATUSES.length + 1)));
}

// Where no event has a day: how many of each type, and what became of them.
function byTypeAlone(rows, types) {
  const list = make("ol", { class: "rows", "aria-label": "Events by type" });
  const highest = d3.max(types, ([, n]) => n);
  for (const [type, n] of types.slice(0, FIRST_TYPES)) {
    const statuses = totals(rows.filter((row) => row.type === type), (row) => row.status);
    const words = STATUSES.map((status, at) => [statuses.get(at), status]).filter(([some]) => some).map(([some, status]) => `${some} ${status}`).join(", ");
    const x = d3.scaleLinear([0, highest], [0, 100]);
    const svg = make("svg", { viewBox: "0 0 100 3", preserveAspectRatio: "none", style: "height:1.1rem", role: "img", "aria-label": words });
    let from = 0;
    for (const status of d3.range(STATUSES.length)) {
      const some = statuses.get(status) ?? 0;
      if (some) svg.append(make("rect", { x: x(from), width: x(some), y: 0, height: 3, fill: `var(--status-${status})` }, make("title", {}, `${some} ${STATUSES[status]}`)));
      from += some;
    }
    list.append(make("li", { class: "row type-row" }, make("span", {}, make("span", { class: "name" }, typeName(dimensions.types[type])), " ",
      make("span", { class: "count" }, format.format(n))), svg));
  }
  return [make("p", { class: "note" }, `No day is known for any of these ${plural(total(rows), "event")}: they are counted by type alone.`), list];
}

// Days, weeks, months or years, so that a bar is wide enough to be seen.
function binned(rows, width) {
  const [first, last] = d3.extent(rows, (row) => days[row.day]);
  const units = Object.keys(INTERVALS).slice(Object.keys(INTERVALS).indexOf(page.bin));
  const unit = units.find((name) => ((last - first) / { day: 1, week: 7, month: 30, year: 365 }[name] / DAY + 1) * 5 <= width) ?? "year";
  const interval = INTERVALS[unit];
  const start = interval.floor(new Date(first));
  const end = interval.offset(interval.floor(new Date(last)), 1);
  const sums = (some) => d3.rollup(some, (group) => totals(group, (row) => row.status), (row) => +interval.floor(new Date(days[row.day])));
  const highest = (some) => d3.max(sums(some).values(), (bin) => d3.sum(bin.values())) ?? 0;
  return { unit, interval, start, end, sums, highest };
}

function stacked(rows, bins, width, height, isLarge, highest = bins.highest(rows)) {
  const left = isLarge ? 34 : 0;
  const bottom = isLarge ? 22 : 2;
  const x = d3.scaleUtc([bins.start, bins.end], [left, width]);
  const y = d3.scaleLinear([0, highest], [height - bottom, 4]);
  if (isLarge) y.nice(4);
  const counts = d3.rollup(rows, total, (row) => row.status);
  const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": `${plural(total(rows), "event")} by ${bins.unit}: ${STATUSES.map((status, at) => `${counts.get(at) ?? 0} ${status}`).join(", ")}` });
  if (isLarge) {
    for (const tick of y.ticks(4).filter(Number.isInteger)) {
      svg.append(make("line", { class: "tick-line", x1: left, x2: width, y1: y(tick), y2: y(tick) }),
        make("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, format.format(tick)));
    }
    const axis = timeAxis(x, width);
    const group = make("g", { transform: `translate(0 ${height - 20})` });
    group.append(...axis.childNodes);
    svg.append(group);
  }
  for (const [start, statuses] of bins.sums(rows)) {
    const from = x(start) + 0.5;
    const wide = Math.max(1.5, x(bins.interval.offset(new Date(start), 1)) - from - 0.5);
    let base = 0;
    for (const status of d3.range(STATUSES.length)) {
      const n = statuses.get(status) ?? 0;
      if (!n) continue;
      svg.append(make("rect", { x: from, width: wide, y: y(base + n), height: Math.max(0.8, y(base) - y(base + n)), fill: `var(--status-${status})` },
        make("title", {}, `${dayText(start)}${bins.unit === "day" ? "" : ` (${bins.unit})`}: ${n} ${STATUSES[status]}`)));
      base += n;
    }
  }
  svg.append(make("line", { class: "baseline", x1: left, x2: width, y1: y(0), y2: y(0) }));
  return svg;
}
