// Who acts on whom, as a table of counts.
const SIDE = 12;
const QUADS = { cooperation: "mostly cooperation", conflict: "mostly conflict", neutral: "both, or neither" };

function drawParties() {
  const target = body("parties");
  const rows = counted("acts").filter((row) => row.status === 0);
  if (!rows.length) {
    target.replaceChildren(empty(cubes.acts.rows.length ? "No act between two known parties matches these filters." : "No acts between known parties yet."));
    return;
  }
  const most = (key) => d3.sort(totals(rows, key), ([place, n]) => -n, ([place]) => place).slice(0, SIDE).map(([place]) => place);
  const actors = most((row) => row.actor);
  const recipients = most((row) => row.recipient);
  const cells = d3.rollup(rows, (group) => group, (row) => row.actor, (row) => row.recipient);
  const highest = d3.max(rows.length ? [...cells.values()].flatMap((row) => [...row.values()].map(total)) : [1]);
  const head = make("tr", {}, make("td", { style: "background:none" }), recipients.map((place) =>
    make("th", { scope: "col" }, make("span", { title: nameText(dimensions.names[place]) }, isolated(nameText(dimensions.names[place]))))));
  const lines = actors.map((actor) => make("tr", {}, make("th", { scope: "row" }, isolated(nameText(dimensions.names[actor]))),
    recipients.map((recipient) => {
      const group = cells.get(actor)?.get(recipient);
      if (!group) return make("td", {});
      const n = total(group);
      const kind = tendency(group);
      const cell = make("td", { "data-of": kind, title: `${nameText(dimensions.names[actor])} → ${nameText(dimensions.names[recipient])}: ${plural(n, "event")}, ${QUADS[kind]}` },
        format.format(n), make("span", { class: "visually-hidden" }, `, ${QUADS[kind]}`));
      cell.style.setProperty("--of", `var(--${kind})`);
      cell.style.setProperty("--strength", String(0.14 + 0.41 * Math.sqrt(n / highest)));
      return cell;
    })));
  target.replaceChildren(make("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": "Who acts on whom" },
    make("table", { class: "matrix" }, make("caption", { class: "visually-hidden" }, "Events by who acts (rows) and who is acted upon (columns)"),
      make("thead", {}, head), make("tbody", {}, lines))));
  const pairs = d3.sort(d3.groups(rows, (row) => `${row.actor} ${row.recipient}`), ([, group]) => -total(group)).slice(0, 60);
  target.append(behind("The same as a list of pairs", table("Who acts on whom, the most frequent pairs", ["who", "on whom", "tendency", "events"],
    pairs.map(([, group]) => [isolated(nameText(dimensions.names[group[0].actor])), isolated(nameText(dimensions.names[group[0].recipient])), QUADS[tendency(group)], total(group)]))));
}

// Conflict or cooperation, where two thirds of the events say so.
function tendency(group) {
  const share = (word) => total(group.filter((row) => dimensions.types[row.type].quad?.endsWith(word))) / total(group);
  return share("conflict") >= 2 / 3 ? "conflict" : share("cooperation") >= 2 / 3 ? "cooperation" : "neutral";
}
