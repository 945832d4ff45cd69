// Keeps the page in step with the demo: one stream in, one address out.

import { drawPhones } from "./phones.js";
import { drawScene } from "./scene.js";
import { preferred, WORDS } from "./words.js";

const at = (id) => document.getElementById(id);
let words = WORDS["zh-CN"];
let drawn = 0;
let asked = false;

async function act(wish) {
  const answer = await fetch("act", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(wish),
  });
  const said = await answer.json();
  complain(said.error ?? "");
}

function complain(sentence) {
  at("trouble").hidden = !sentence;
  at("trouble").textContent = sentence;
}

function draw(picture) {
  if (!picture.chosen && !asked && picture.ready && !picture.pressed && picture.language !== preferred()) {
    asked = true; // nobody said which language: the browser's, as long as nothing has happened
    act({ do: "begin", language: preferred() });
  }
  words = WORDS[picture.language];
  document.documentElement.lang = picture.language;
  document.title = words.title;
  at("phones").setAttribute("aria-label", words.phones);
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = words[element.dataset.word];
  drawChoices(picture);
  at("story").textContent = picture.story[picture.language];
  const press = at("press");
  press.firstElementChild.textContent = words.press;
  press.setAttribute("aria-label", words.pressLabel);
  at("fall").textContent = words.fall;
  press.disabled = at("fall").disabled = !picture.ready;
  if (!picture.ready) return;
  at("clock").textContent = picture.now;
  drawScene(picture, words);
  drawPhones(picture.phones, words, act);
  drawTimeline(picture.timeline);
  drawVerdict(picture.verdict);
}

function drawChoices(picture) {
  const select = at("scenario");
  const wanted = JSON.stringify([picture.language, picture.scenarios]);
  if (select.dataset.shown !== wanted) {
    select.dataset.shown = wanted;
    select.replaceChildren(
      ...picture.scenarios.map(({ name, title }) => new Option(title[picture.language], name)),
    );
  }
  if (document.activeElement !== select) select.value = picture.scenario;
  const speed = at("speed");
  if (document.activeElement !== speed) {
    if (![...speed.options].some((option) => Number(option.value) === picture.speed)) {
      speed.append(new Option(`×${picture.speed}`, picture.speed));
    }
    speed.value = String(picture.speed);
  }
  at("language").textContent = picture.language === "en" ? "中文" : "English";
  at("language").lang = picture.language === "en" ? "zh-CN" : "en";
}

function drawTimeline({ play, first, lines }) {
  const list = at("timeline");
  if (list.dataset.play !== String(play)) {
    list.replaceChildren();
    list.dataset.play = play;
    drawn = 0;
  }
  const fresh = lines.slice(Math.max(0, drawn - first));
  if (!fresh.length) return;
  const below = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  for (const { at: time, words: said, style } of fresh) {
    const item = document.createElement("li");
    item.className = `is-${style}`;
    const when = document.createElement("time");
    when.textContent = time;
    const what = document.createElement("span");
    what.textContent = said;
    item.append(when, what);
    list.append(item);
  }
  drawn = first + lines.length;
  if (below) list.scrollTop = list.scrollHeight;
}

function drawVerdict(verdict) {
  const place = at("verdict");
  place.hidden = verdict === null;
  if (verdict === null) return;
  place.className = verdict.length ? "bad" : "good";
  place.textContent = verdict.length ? `${words.bad} ${verdict.join("; ")}` : words.good;
}

at("press").addEventListener("click", () => act({ do: "press" }));
at("fall").addEventListener("click", () => act({ do: "press", signal: "fall" }));
at("again").addEventListener("click", () => act({ do: "begin" }));
at("language").addEventListener("click", () => act({ do: "begin", language: at("language").lang }));
at("scenario").addEventListener("change", (event) => act({ do: "begin", scenario: event.target.value }));
at("speed").addEventListener("change", (event) => act({ do: "begin", speed: Number(event.target.value) }));

const stream = new EventSource("events");
stream.onmessage = (event) => {
  if (!at("trouble").hidden && at("trouble").dataset.lost) complain("");
  delete at("trouble").dataset.lost;
  draw(JSON.parse(event.data));
};
stream.onerror = () => {
  at("trouble").dataset.lost = "1";
  complain(words.lost);
};
