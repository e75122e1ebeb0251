// The floating assistant. Signed out, its state is in sessionStorage, which ends with the tab; signed in, in the inbox.
"use strict";

const root = document.getElementById("assistant");
const API = root.dataset.api;
const CSRF = document.querySelector("meta[name=csrf-token]").content;
const KEPT = "assistant";

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") element.addEventListener("click", value);
    else if (value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// ---- page state

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) || {};
  } catch {
    return {};
  }
}

function keep(changes) {
  sessionStorage.setItem(KEPT, JSON.stringify({ ...kept(), ...changes }));
}

function forgetConversation() {
  keep({ state: null, expiresAt: null, turns: [], conversation: null });
}

// ---- the API

class Refusal extends Error {
  constructor(status, problem) {
    super(problem.detail || "This did not work. Please try again.");
    this.status = status;
    this.code = problem.code;
  }
}

async function call(method, path, body) {
  const headers = { "X-CSRFToken": CSRF };
  if (body) headers["Content-Type"] = "application/json";
  const response = await reach(path, { method, headers, body: body && JSON.stringify(body) });
  const answer = await read(response);
  if (!response.ok) throw new Refusal(response.status, answer);
  return answer;
}

async function reach(path, request) {
  try {
    return await fetch(API + path, request);
  } catch {
    throw new Refusal(0, { detail: "The assistant cannot be reached. Please try again in a moment." });
  }
}

// A proxy may answer with an HTML page.
async function read(response) {
  const text = await response.text();
  try {
    return text ? JSON.parse(text) : {};
  } catch {
    throw new Refusal(response.status, {});
  }
}

// ---- elements

const count = make("span", { class: "count", hidden: "" });
const launcher = make("button", { class: "primary launcher", type: "button", "aria-expanded": "false", "aria-controls": "assistant-panel", onclick: toggle }, "Ask the assistant ", count);
const title = make("h2", { id: "assistant-title" }, "Assistant");
const inboxButton = make("button", { class: "quiet", type: "button", hidden: "", onclick: () => attempt(showInbox) }, "Inbox");
const newButton = make("button", { class: "quiet", type: "button", onclick: () => attempt(begin) }, "New");
const notice = make("p", { class: "notice" });
const log = make("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": "Conversation", tabindex: "0" });
const inbox = make("ul", { class: "inbox", "aria-label": "Inbox", hidden: "" });
const chips = make("div", { class: "chips", role: "group", "aria-label": "Suggested questions" });
const input = make("input", { id: "assistant-input", autocomplete: "off", required: "", placeholder: "Your question" });
const send = make("button", { class: "primary" }, "Send");
const form = make("form", { class: "ask" }, make("label", { for: "assistant-input", class: "visually-hidden" }, "Your question"), input, send);
const panel = make("section", { id: "assistant-panel", class: "panel", role: "dialog", "aria-labelledby": "assistant-title", hidden: "" },
  make("div", { class: "head" }, title, inboxButton, newButton, make("button", { class: "quiet", type: "button", "aria-label": "Close the assistant", onclick: close }, "✕")),
  notice, log, inbox, chips, form);
root.className = "assistant";
root.append(panel, launcher);

let session;
let settings;
let ending;

function open() {
  panel.hidden = false;
  launcher.setAttribute("aria-expanded", "true");
  keep({ open: true });
  input.focus();
  log.scrollTop = log.scrollHeight;
}

function close() {
  panel.hidden = true;
  launcher.setAttribute("aria-expanded", "false");
  keep({ open: false });
  launcher.focus();
}

function toggle() {
  if (panel.hidden) open();
  else close();
}

function say(who, text) {
  const said = make("p", { class: `said ${who === "note" ? "note" : who + "-said"}` },
    make("span", { class: "visually-hidden" }, { user: "You: ", assistant: "Assistant: ", note: "Notice: " }[who]), text);
  log.append(said);
  log.scrollTop = log.scrollHeight;
  return said;
}

function suggest(questions) {
  chips.replaceChildren(...questions.map((question) => make("button", { class: "quiet", type: "button", onclick: () => ask(question) }, question)));
  log.scrollTop = log.scrollHeight;
}

function showConversation() {
  inbox.hidden = true;
  log.hidden = form.hidden = chips.hidden = false;
}

function showCount(unread) {
  count.hidden = !unread;
  count.replaceChildren(String(unread), make("span", { class: "visually-hidden" }, " unread"));
}

// ---- both modes

async function begin() {
  forgetConversation();
  clearTimeout(ending);
  showConversation();
  title.textContent = "Assistant";
  log.replaceChildren();
  say("assistant", settings.greeting);
  suggest(settings.suggestions);
  if (!panel.hidden) input.focus();
}

async function ask(text) {
  if (send.disabled) return;
  send.disabled = true;
  const said = say("user", text);
  try {
    await (session.lane === "inbox" ? askInbox(text) : askEphemeral(text));
    input.value = "";
  } catch (error) {
    said.classList.add("unsent");
    said.firstChild.textContent = "You, not sent: ";
    refuse(error, text);
  } finally {
    send.disabled = false;
    input.focus();
  }
}

function refuse(error, text) {
  input.value = text;
  say("note", error.message);
  if (String(error.code).startsWith("session-")) forgetConversation();
  if (error.code === "logged-in" || error.status === 401) location.reload();
}

async function attempt(action) {
  try {
    await action();
  } catch (error) {
    say("note", error.message);
  }
}

// ---- signed out

async function askEphemeral(text) {
  const { state, turns = [] } = kept();
  const product = new URLSearchParams(location.search).get("product");
  const body = { text, ...(state && { state }), ...(!state && product && { product_id: Number(product) }) };
  const answer = await call("POST", "/ephemeral/messages", body);
  const said = [...turns, ["user", text], ["assistant", answer.reply.text]];
  if (answer.support) said.push(["note", answer.support]);
  for (const [who, words] of said.slice(turns.length + 1)) say(who, words);
  keep({ state: answer.state, expiresAt: answer.expires_at, turns: said.slice(-2 * settings.max_turns), suggestions: answer.reply.suggestions });
  suggest(answer.reply.suggestions);
  watchTheClock();
}

function watchTheClock() {
  clearTimeout(ending);
  const { expiresAt } = kept();
  if (expiresAt) ending = setTimeout(end, Date.parse(expiresAt) - Date.now());
}

function end() {
  forgetConversation();
  log.replaceChildren();
  say("note", "This conversation has ended. Nothing was stored.");
  suggest(settings.suggestions);
}

async function resumeEphemeral() {
  const { turns = [], expiresAt, suggestions = [] } = kept();
  if (!turns.length) return begin();
  if (Date.parse(expiresAt) <= Date.now()) return end();
  for (const [who, words] of turns) say(who, words);
  suggest(suggestions);
  watchTheClock();
}

// ---- signed in

async function askInbox(text) {
  const { conversation } = kept();
  const product = new URLSearchParams(location.search).get("product");
  let reply;
  if (conversation) {
    ({ reply } = await call("POST", `/conversations/${conversation}/messages`, { text }));
  } else {
    const started = await call("POST", "/conversations", { message: text, ...(product && { product_id: Number(product) }) });
    keep({ conversation: started.id });
    title.textContent = started.title;
    reply = started.messages[1];
  }
  say("assistant", reply.text);
  suggest(reply.suggestions);
  await markRead(kept().conversation, reply.seq);
}

async function markRead(conversation, seq) {
  await call("PATCH", `/conversations/${conversation}`, { read_seq: seq });
  showCount((await call("GET", "/session")).inbox.unread);
}

async function openConversation(conversation) {
  const about = await call("GET", `/conversations/${conversation}`);
  const messages = await allMessages(conversation);
  showConversation();
  keep({ conversation });
  title.textContent = about.title;
  log.replaceChildren();
  for (const message of messages) {
    say(message.author, message.text);
    if (message.moderation.support) say("note", message.moderation.support);
  }
  suggest(messages.at(-1)?.suggestions || []);
  if (about.unread) await markRead(conversation, about.last_seq);
}

async function allMessages(conversation) {
  const found = [];
  let cursor = "";
  do {
    const page = await call("GET", `/conversations/${conversation}/messages?limit=100${cursor}`);
    found.push(...page.items);
    cursor = page.next ? `&cursor=${encodeURIComponent(page.next)}` : "";
  } while (cursor);
  return found;
}

async function showInbox() {
  const { items } = await call("GET", "/conversations?limit=100");
  title.textContent = "Inbox";
  log.hidden = form.hidden = chips.hidden = true;
  inbox.hidden = false;
  inbox.replaceChildren(...items.map(row));
  if (!items.length) inbox.append(make("li", {}, "Your inbox is empty."));
  (inbox.querySelector("button") || newButton).focus();
}

function row(item) {
  const name = item.unread ? `${item.title} (${item.unread} unread)` : item.title;
  return make("li", {},
    make("button", { class: `quiet open${item.unread ? " unread" : ""}`, type: "button", onclick: () => attempt(() => openFromInbox(item.id)) }, name),
    make("a", { href: `${API}/conversations/${item.id}/export`, download: "", "aria-label": `Export “${item.title}”` }, "Export"),
    make("button", { class: "quiet", type: "button", "aria-label": `Delete “${item.title}”`, onclick: () => attempt(() => erase(item)) }, "Delete"));
}

// The focused element is hidden then.
async function openFromInbox(conversation) {
  await openConversation(conversation);
  input.focus();
}

async function erase(item) {
  if (!confirm(`Delete “${item.title}” and everything that was said in it?`)) return;
  await call("DELETE", `/conversations/${item.id}`);
  if (kept().conversation === item.id) forgetConversation();
  await showInbox();
}

async function resumeInbox() {
  const { conversation } = kept();
  keep({ state: null, expiresAt: null, turns: [] });
  inboxButton.hidden = false;
  showCount(session.inbox.unread);
  if (!conversation) return begin();
  try {
    await openConversation(conversation);
  } catch {
    await begin();
  }
}

// ---- start

async function start() {
  log.replaceChildren();
  [session, settings] = await Promise.all([call("GET", "/session"), call("GET", "/settings")]);
  notice.textContent = session.message;
  input.maxLength = settings.max_text;
  await (session.lane === "inbox" ? resumeInbox() : resumeEphemeral());
  if (kept().open) open();
  root.dataset.ready = session.lane;
}

// Keep the log scrolled to the end when a keyboard or a rotated device reduces its height.
let atEnd = true;
log.addEventListener("scroll", () => { atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40; });
new ResizeObserver(() => { if (atEnd) log.scrollTop = log.scrollHeight; }).observe(log);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (text) ask(text);
});
panel.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close();
});
// A page restored from the browser's cache may be from before a sign-in or sign-out.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) attempt(start);
});
attempt(start);
