// The home, the road, and who is on it.

const SVG = "http://www.w3.org/2000/svg";
const STATION = 4;
const DOOR = 258;
const WALK_FROM = 140;

function put(id, text) {
  const element = document.getElementById(id);
  if (element.textContent !== text) element.textContent = text;
}

export function drawScene(picture, words) {
  put("who", picture.home.name);
  put("address", picture.home.address);
  const heard = picture.light.at(-1) ?? (picture.pressed ? "kept" : "");
  put("light", words.light[heard] ?? heard);
  const home = document.getElementById("home");
  home.dataset.light = heard || "ready";
  home.classList.toggle("pressed", picture.pressed);
  drawRoad(picture, words);
  drawTimes(picture.times, words);
}

function drawRoad(picture, words) {
  const { where, progress } = picture.ambulance;
  const ambulance = document.getElementById("ambulance");
  ambulance.classList.toggle("driving", where === "driving");
  const along = where === "standing_by" ? 0 : where === "at_the_door" ? 1 : progress;
  ambulance.style.transform = `translateX(${STATION + 50 + along * (DOOR - STATION - 66)}px)`;
  const group = document.getElementById("walkers");
  const seen = new Set();
  const said = [];
  for (const walker of picture.walkers) {
    if (walker.state === "gone") continue;
    seen.add(walker.name);
    let figure = [...group.children].find((child) => child.dataset.name === walker.name);
    if (!figure) {
      figure = person(walker.name);
      group.append(figure);
    }
    figure.classList.toggle("going", walker.state === "going");
    const at = WALK_FROM + walker.progress * (DOOR + 34 - WALK_FROM);
    figure.style.transform = `translateX(${at}px)`;
    said.push(`${walker.name} ${walker.state === "there" ? words.arrived_at : words.going}`);
  }
  for (const child of [...group.children]) if (!seen.has(child.dataset.name)) child.remove();
  if (where !== "standing_by") said.push(words[where]);
  put("onway", said.join(" · ") || words.nobody);
}

function person(name) {
  const group = document.createElementNS(SVG, "g");
  group.dataset.name = name;
  const head = document.createElementNS(SVG, "circle");
  head.setAttribute("cx", "0");
  head.setAttribute("cy", "52");
  head.setAttribute("r", "7");
  const body = document.createElementNS(SVG, "path");
  body.setAttribute("d", "M0 60v14M0 74l-5 12M0 74l5 12M-7 66h14");
  const label = document.createElementNS(SVG, "text");
  label.setAttribute("y", "40");
  label.setAttribute("text-anchor", "middle");
  label.textContent = name;
  group.append(head, body, label);
  return group;
}

function drawTimes(times, words) {
  const list = document.getElementById("times");
  const wanted = Object.entries(times).map(([key, value]) => `${words[key]}\n${value}`).join("\n");
  if (list.dataset.shown === wanted) return;
  list.dataset.shown = wanted;
  list.replaceChildren(
    ...Object.entries(times).flatMap(([key, value]) => {
      const term = document.createElement("dt");
      term.textContent = words[key];
      const figure = document.createElement("dd");
      figure.textContent = `+${value}`;
      return [term, figure];
    }),
  );
}
