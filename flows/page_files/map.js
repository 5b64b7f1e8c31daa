// Where events take place.
const countries = topojson.feature(world, world.objects.countries).features;
const byCode = new Map(countries.map((country) => [country.id, country]));
const borders = topojson.mesh(world, world.objects.countries, (a, b) => a !== b);
const land = topojson.merge(world, world.objects.countries.geometries);

// A country is marked within its largest part: the middle of France lies in Europe.
const middle = (feature) => {
  if (feature.geometry.type !== "MultiPolygon") return d3.geoCentroid(feature);
  const parts = feature.geometry.coordinates.map((coordinates) => ({ type: "Polygon", coordinates }));
  return d3.geoCentroid(d3.greatest(parts, d3.geoArea));
};
const spot = (place) => {
  if (place.latitude !== null && place.longitude !== null) return [place.longitude, place.latitude];
  return place.precision === "country" && byCode.has(place.country) ? middle(byCode.get(place.country)) : null;
};

function drawMap() {
  const target = body("places");
  const counts = d3.sort(totals(counted("places"), (row) => row.place), ([place, n]) => -n, ([place]) => place);
  const located = counts.map(([place, n]) => ({ place: dimensions.places[place], n, at: spot(dimensions.places[place]) }));
  const dots = located.filter((dot) => dot.at);
  if (!counts.length) {
    target.replaceChildren(empty(cubes.places.rows.length ? "No event with a place matches these filters." : "No events with a place yet."));
    return;
  }
  const figure = make("figure", { style: "margin:0" });
  target.replaceChildren(figure);
  if (dots.length) figure.append(mapOf(dots, widthOf(figure)));
  figure.append(make("figcaption", { class: "note" }, `${plural(d3.sum(counts, ([, n]) => n), "event")} at ${plural(counts.length, "place")}`
    + (dots.length < counts.length ? `; ${plural(counts.length - dots.length, "place")} without coordinates: in the table alone` : "") + "."));
  target.append(behind("The same as a table", table("Events by place", ["place", "country", "events"],
    located.slice(0, 100).map(({ place, n }) => [placeText(place), place.country ?? "—", n]))));
}
const placeText = (place) => isolated(place.en ?? place.ar ?? place.fa ?? place.id);

function mapOf(dots, width) {
  const pad = Math.min(48, width / 10);
  // Where most events are: the farthest twentieth of them must not shrink the rest to a point.
  const weighted = (axis) => {
    const sorted = d3.sort(dots, (dot) => dot.at[axis]);
    const all = d3.sum(sorted, (dot) => dot.n);
    let sum = 0;
    const kept = sorted.filter((dot) => { sum += dot.n; return sum > all * 0.025 && sum - dot.n < all * 0.975; });
    return d3.extent(kept.length ? kept : sorted, (dot) => dot.at[axis]);
  };
  const [west, east] = weighted(0);
  const [south, north] = weighted(1);
  const isWide = east - west > 100;
  const frame = { type: "MultiPoint", coordinates: [[west - 4, Math.max(-60, south - 4)], [east + 4, Math.min(75, north + 4)]] };
  const projection = (isWide ? d3.geoEqualEarth() : d3.geoMercator()).rotate([-(west + east) / 2, 0]);
  // As high as what it shows, within bounds.
  const [[, top], [, bottom]] = d3.geoPath(projection.fitWidth(width - 2 * pad, frame)).bounds(frame);
  const height = Math.round(Math.min(560, Math.max(150, bottom - top + 2 * pad)));
  projection.fitExtent([[pad, pad], [width - pad, height - pad]], frame).clipExtent([[0, 0], [width, height]]);
  const path = d3.geoPath(projection);
  const radius = d3.scaleSqrt([0, d3.max(dots, (dot) => dot.n)], [0, Math.min(26, width / 32)]);
  const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", style: "overflow:hidden",
    "aria-label": `Map of event places; most at ${dots.slice(0, 3).map((dot) => `${dot.place.en ?? dot.place.id} (${dot.n})`).join(", ")}` });
  svg.append(make("path", { class: "land", d: path(land) }), make("path", { d: path(borders), fill: "none", stroke: "var(--border)", "stroke-width": 0.8 }));
  const taken = [];
  const labels = [];
  const seen = dots.map((dot) => ({ ...dot, xy: projection(dot.at), r: Math.max(2.5, radius(dot.n)) }))
    .filter(({ xy }) => xy && xy[0] > 0 && xy[0] < width && xy[1] > 0 && xy[1] < height);
  for (const { xy: [x, y], r } of seen) taken.push([x - r * 0.7, y - r * 0.7, x + r * 0.7, y + r * 0.7]);
  for (const dot of seen) {
    const [x, y] = dot.xy;
    svg.append(make("circle", { class: dot.place.latitude === null ? "dot country" : "dot", cx: x, cy: y, r: dot.r },
      make("title", {}, `${dot.place.en ?? dot.place.id}: ${plural(dot.n, "event")}`)));
    // A label goes right or left of its circle, where it touches no other circle or label, or is left out.
    const text = dot.place.en ?? dot.place.ar ?? dot.place.fa ?? dot.place.id;
    const long = text.length * 6.6;
    for (const anchor of ["start", "end"]) {
      const from = anchor === "start" ? x + dot.r + 4 : x - dot.r - 4 - long;
      const box = [from, y - 8, from + long, y + 8];
      const free = box[0] > 0 && box[2] < width && !taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]);
      if (free) {
        taken.push(box);
        labels.push(make("text", { class: "place-label", x: anchor === "start" ? box[0] : box[2], y: y + 4, "text-anchor": anchor }, text));
        break;
      }
    }
  }
  svg.append(...labels);
  if (seen.length < dots.length) svg.append(make("text", { x: 8, y: height - 10 }, `${plural(dots.length - seen.length, "place")} lie outside this frame`));
  return svg;
}
