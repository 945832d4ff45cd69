// The telephones: each is built once and then only updated, so that a hand on a key is not disturbed.

const KEYS = ["1", "2", "3", "*"];

function make(tag, className, text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function lines(parent, texts) {
  const wanted = texts.join("\n");
  if (parent.dataset.shown === wanted) return;
  parent.dataset.shown = wanted;
  parent.replaceChildren(...texts.map((text) => make("li", "", text)));
  parent.scrollTop = parent.scrollHeight;
}

function button(className, act) {
  const element = make("button", className);
  element.type = "button";
  element.addEventListener("click", act);
  return element;
}

class Phone {
  constructor(id, act) {
    this.id = id;
    this.root = make("article", "phone card");
    this.root.tabIndex = -1; // where the focus goes when what held it is gone
    this.root.id = `phone-${id}`;
    this.name = make("h3");
    this.role = make("span", "role");
    this.state = make("span", "state");
    this.state.setAttribute("role", "status");
    this.heard = make("ul", "heard");
    this.texts = make("ul", "texts");
    this.answer = button("answer", () => act({ do: "answer", who: id }));
    this.decline = button("decline", () => act({ do: "decline", who: id }));
    this.hangup = button("decline", () => act({ do: "hang_up", who: id }));
    this.keys = make("div", "keys");
    this.pads = KEYS.map((key) => {
      const pad = button("key", () => act({ do: "key", who: id, key }));
      pad.append(make("b", "", key), make("i"));
      return pad;
    });
    this.keys.append(...this.pads);
    this.reply = this.form(act);
    const head = make("header");
    head.append(this.name, this.role, this.state);
    this.calling = make("div", "calling");
    this.calling.append(this.answer, this.decline);
    this.root.append(head, this.calling, this.heard, this.keys, this.hangup, this.texts, this.reply);
  }

  form(act) {
    const form = make("form", "reply");
    this.quick = ["1", "3", "2"].map((digit) =>
      button("quick", () => act({ do: "reply", who: this.id, text: `${digit} ${this.code}` })),
    );
    this.field = make("input");
    this.field.name = "text";
    this.field.autocomplete = "off";
    this.send = make("button", "quick");
    form.append(...this.quick, this.field, this.send);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.field.value.trim()) act({ do: "reply", who: this.id, text: this.field.value });
      this.field.value = "";
    });
    return form;
  }

  show(phone, words) {
    const held = this.root.contains(document.activeElement) ? document.activeElement : null;
    this.code = phone.code;
    this.root.dataset.state = phone.state;
    this.root.dataset.byHand = phone.by_hand;
    set(this.name, phone.name);
    set(this.role, words.roles[phone.role] ?? phone.role);
    set(this.state, phone.state === "idle" ? (words.over[phone.last] ?? "") : words[phone.state]);
    this.calling.hidden = phone.state !== "ringing";
    set(this.answer, words.answer);
    set(this.decline, words.decline);
    set(this.hangup, words.hangup);
    this.answer.setAttribute("aria-label", `${words.answer}: ${phone.name}`);
    this.decline.setAttribute("aria-label", `${words.decline}: ${phone.name}`);
    this.hangup.setAttribute("aria-label", `${words.hangup}: ${phone.name}`);
    const talking = phone.state === "talking";
    this.heard.hidden = this.keys.hidden = this.hangup.hidden = !talking;
    if (talking) lines(this.heard, phone.call.heard);
    this.keys.classList.toggle("listening", Boolean(phone.call?.listening));
    const meanings = [words.go, words.cannot, words.there, words.again_key];
    this.pads.forEach((pad, index) => {
      set(pad.lastChild, meanings[index]);
      pad.setAttribute("aria-label", `${phone.name}: ${words.keys} ${KEYS[index]}`);
    });
    this.texts.hidden = this.reply.hidden = phone.texts.length === 0;
    lines(this.texts, phone.texts.slice(-2).map((text) => text.body));
    const answers = [words.go, words.there, words.cannot];
    this.quick.forEach((quick, index) => {
      quick.hidden = !phone.code;
      set(quick, answers[index]);
      quick.setAttribute("aria-label", `${words.reply}: ${phone.name}: ${answers[index]}`);
    });
    set(this.send, words.send);
    this.field.setAttribute("aria-label", `${words.reply}: ${phone.name}`);
    this.field.placeholder = words.reply;
    if (held && held.getClientRects().length === 0) (talking ? this.pads[0] : this.root).focus();
  }
}

const known = new Map();

export function drawPhones(phones, words, act) {
  const place = document.getElementById("phones");
  for (const phone of phones) {
    let card = known.get(phone.id);
    if (!card) {
      card = new Phone(phone.id, act);
      known.set(phone.id, card);
      place.append(card.root);
    }
    card.show(phone, words);
  }
}
