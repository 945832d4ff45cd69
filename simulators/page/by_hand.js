// The page of `alarmd simulate phones`: whatever is rung or texted appears, and is answered by hand.

import { drawPhones } from "./phones.js";
import { preferred, WORDS } from "./words.js";

const at = (id) => document.getElementById(id);
const OWN = {
  "zh-CN": { story: "打来的电话和发来的短信会出现在这里，您来接听和回复。", against: "违反服务商接口规则的请求", other: "English" },
  en: { story: "Calls and texts appear here; you answer them.", against: "Against the provider's rules", other: "中文" },
};
let language = preferred();
let picture = null;

async function act(wish) {
  const answer = await fetch("act", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(wish),
  });
  complain((await answer.json()).error ?? "");
}

function complain(sentence) {
  at("trouble").hidden = !sentence;
  at("trouble").textContent = sentence;
}

function draw() {
  document.documentElement.lang = language;
  document.title = WORDS[language].phonesTitle;
  at("what").textContent = WORDS[language].phones;
  at("phones").setAttribute("aria-label", WORDS[language].phones);
  at("language").lang = language === "en" ? "zh-CN" : "en";
  at("story").textContent = OWN[language].story;
  at("against").textContent = OWN[language].against;
  at("language").textContent = OWN[language].other;
  if (!picture) return;
  drawPhones(picture.phones, WORDS[language], act);
  at("log").hidden = picture.violations.length === 0;
  at("violations").replaceChildren(
    ...picture.violations.map((sentence) => {
      const item = document.createElement("li");
      item.textContent = sentence;
      return item;
    }),
  );
}

at("language").addEventListener("click", () => {
  language = language === "en" ? "zh-CN" : "en";
  draw();
});

const stream = new EventSource("events");
stream.onmessage = (event) => {
  complain("");
  picture = JSON.parse(event.data);
  draw();
};
stream.onerror = () => complain(WORDS[language].lost);
draw();
