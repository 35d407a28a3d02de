// Vraagbaak chat widget. One module, no dependencies:
//   <script type="module" src=".../widget/v1/vraagbaak.js"></script>
//   <vraagbaak-chat contact-phone="..." contact-url="..."></vraagbaak-chat>
// Attributes: launcher (a button that opens a panel), heading, organisation,
// contact-phone, contact-url, suggestions ("a|b"), collections ("a b"), lang (nl, en).
// What comes from the server or the reader is only ever set as text.

const API = new URL('../../v1/answers', import.meta.url);
const MAX = 1000; // characters of a question

const TEXTS = {
  nl: {
    open: 'Stel een vraag', close: 'Sluiten', title: 'Stel uw vraag',
    ai: 'U praat met een AI-systeem. Controleer het antwoord in de bron.',
    label: 'Uw vraag', send: 'Versturen', stop: 'Stop', retry: 'Probeer het opnieuw',
    hint: 'Zet geen persoonlijke gegevens in uw vraag, zoals uw burgerservicenummer.',
    suggestions: 'Voorbeelden van vragen', you: 'U vraagt', answer: 'Antwoord',
    searching: 'Wij zoeken in de bronnen…',
    found: n => n === 1 ? '1 bron gevonden. Het antwoord wordt opgesteld…' : `${n} bronnen gevonden. Het antwoord wordt opgesteld…`,
    ready: 'Het antwoord is klaar.', refused: 'Er is geen antwoord gevonden.', choose: 'Kies wat u bedoelt.', stopped: 'Gestopt.',
    source: 'Bron', sources: n => `Gevonden bronnen (${n})`, passage: 'Toon de tekst', page: 'bladzijde', older: 'ouder: er is een nieuwere tekst', toSource: 'Lees verder in de bron',
    noAnswer: 'Wij kunnen dit niet beantwoorden met onze bronnen.',
    person: 'Liever een medewerker?', call: 'Bel', contact: 'Contact',
    copy: 'Kopieer met bronnen', copied: 'Gekopieerd.', copyFailed: 'Kopiëren is niet gelukt.',
    how: 'Hoe is dit antwoord gemaakt?',
    generated: 'Een taalmodel heeft de zinnen geschreven. Bij elke zin is gecontroleerd dat er een letterlijk citaat uit de bron bij hoort. Een zin zonder citaat laten wij niet zien.',
    extracted: 'Deze zinnen zijn letterlijk overgenomen uit de bronnen. Een computer heeft ze gekozen.',
    model: 'Taalmodel', search: 'Zoekmodel',
    partial: 'Dit is een deel van het antwoord.',
    empty: 'Vul eerst een vraag in.', long: n => `Uw vraag is te lang. Maak de vraag ${n} tekens korter.`,
    failed: 'Er ging iets mis.', offline: 'De verbinding is weggevallen. Controleer uw internetverbinding.',
  },
  en: {
    open: 'Ask a question', close: 'Close', title: 'Ask your question',
    ai: 'You are talking to an AI system. Check the answer in the source.',
    label: 'Your question', send: 'Send', stop: 'Stop', retry: 'Try again',
    hint: 'Do not put personal data in your question, such as your citizen service number.',
    suggestions: 'Example questions', you: 'You asked', answer: 'Answer',
    searching: 'Searching the sources…',
    found: n => n === 1 ? '1 source found. Preparing the answer…' : `${n} sources found. Preparing the answer…`,
    ready: 'The answer is ready.', refused: 'No answer was found.', choose: 'Choose what you mean.', stopped: 'Stopped.',
    source: 'Source', sources: n => `Sources found (${n})`, passage: 'Show the text', page: 'page', older: 'older: there is a newer text', toSource: 'Read on in the source',
    noAnswer: 'We cannot answer this from our sources.',
    person: 'Rather talk to a person?', call: 'Call', contact: 'Contact',
    copy: 'Copy with sources', copied: 'Copied.', copyFailed: 'Copying failed.',
    how: 'How was this answer made?',
    generated: 'A language model wrote the sentences. For each sentence we checked that a literal quotation from the source goes with it. Sentences without one are not shown.',
    extracted: 'These sentences were taken literally from the sources. A computer selected them.',
    model: 'Language model', search: 'Search model',
    partial: 'This is part of the answer.',
    empty: 'Please enter a question first.', long: n => `Your question is too long. Make it ${n} characters shorter.`,
    failed: 'Something went wrong.', offline: 'The connection was lost. Check your internet connection.',
  },
};

const CSS = `
:host { display: block; font-family: var(--vraagbaak-font-family, var(--utrecht-document-font-family, inherit)); line-height: 1.5;
  --color: var(--vraagbaak-color, var(--utrecht-button-primary-action-background-color, #14506b));
  --on-color: var(--vraagbaak-on-color, var(--utrecht-button-primary-action-color, #fff));
  --bg: var(--vraagbaak-background-color, #fff); --text: var(--vraagbaak-text-color, #1d2327);
  --soft: var(--vraagbaak-soft-color, #eef4f7); --muted: #4a555c; --line: #8a979e; --hair: #cfd8dc; --link: var(--vraagbaak-link-color, var(--utrecht-link-color, #0b5a82));
  --mark: #ffe58a; --on-mark: #1d2327; --error: #b3261e; --focus: var(--vraagbaak-focus-color, var(--utrecht-focus-outline-color, #b35900));
  --radius: var(--vraagbaak-border-radius, .5rem); }
@supports (color: light-dark(#000, #fff)) { :host {
  --bg: var(--vraagbaak-background-color, light-dark(#fff, #161d21)); --text: var(--vraagbaak-text-color, light-dark(#1d2327, #eef2f4));
  --soft: var(--vraagbaak-soft-color, light-dark(#eef4f7, #1f2c33)); --muted: light-dark(#4a555c, #b9c5cb); --line: light-dark(#8a979e, #7f929c); --hair: light-dark(#cfd8dc, #3b4a52);
  --link: var(--vraagbaak-link-color, var(--utrecht-link-color, light-dark(#0b5a82, #8fd0f0)));
  --mark: light-dark(#ffe58a, #6b5200); --on-mark: light-dark(#1d2327, #fff); --error: light-dark(#b3261e, #ffb4ab);
  --focus: var(--vraagbaak-focus-color, var(--utrecht-focus-outline-color, light-dark(#b35900, #ffb366))); } }
:host([hidden]), [hidden] { display: none !important; }
*, *::before, *::after { box-sizing: border-box; }
.panel { position: relative; display: flex; flex-direction: column; background: var(--bg); color: var(--text); border: 1px solid var(--hair); border-radius: var(--radius); overflow: hidden; overflow-wrap: anywhere; text-align: start; }
header { display: flex; align-items: center; justify-content: space-between; gap: .5rem; background: var(--color); color: var(--on-color); padding: .25rem .5rem .25rem 1rem; min-height: 3rem; }
h2 { font-size: 1.125rem; line-height: 1.3; margin: 0; }
h3, h4 { font-size: .875rem; line-height: 1.4; margin: 0; color: var(--muted); }
p { margin: 0; }
.notice { background: var(--soft); padding: .5rem 1rem; font-size: .875rem; border-block-end: 1px solid var(--hair); }
.turns { list-style: none; margin: 0; padding: 0; }
.turn { padding: 1rem; scroll-margin-block-start: .5rem; }
.turn + .turn, .log:has(.turn) ~ form { border-block-start: 1px solid var(--hair); }
.question { background: var(--soft); border-radius: var(--radius); padding: .5rem .75rem; margin: 0 0 1rem auto; width: fit-content; max-width: 92%; }
.question p { white-space: pre-line; }
.statement { margin-block: .5rem .75rem; }
.statement > p, .message { white-space: pre-line; font-size: 1.0625rem; max-width: 42em; }
.chips { display: flex; flex-wrap: wrap; gap: .25rem .5rem; margin-block-start: .25rem; }
button, summary, .link { font: inherit; min-height: 44px; }
button { cursor: pointer; border: 1px solid var(--line); border-radius: var(--radius); padding: .375rem .875rem; background: var(--bg); color: var(--link); text-align: start; }
button:hover { text-decoration: underline; text-underline-offset: .15em; }
.primary { background: var(--color); border-color: var(--color); color: var(--on-color); font-weight: 600; }
header button { background: transparent; color: inherit; border-color: transparent; }
.chip { font-size: .875rem; padding-block: .25rem; display: inline-flex; align-items: center; gap: .5rem; }
.chip::after { content: ""; flex: none; width: .5em; height: .5em; border: solid currentColor; border-width: 0 2px 2px 0; transform: translateY(-25%) rotate(45deg); }
.chip[aria-expanded=true]::after { transform: translateY(25%) rotate(225deg); }
.chip[aria-expanded=true] { background: var(--soft); }
.quote { border-inline-start: 4px solid var(--color); background: var(--soft); margin: .5rem 0; padding: .75rem 1rem; font-size: .9375rem; }
.quote blockquote, .passage { margin: 0; white-space: pre-line; }
.meta { color: var(--muted); font-size: .875rem; }
mark { background: var(--mark); color: var(--on-mark); padding-inline: .1em; }
a { color: var(--link); text-underline-offset: .15em; }
.link { display: inline-flex; align-items: center; padding-block: .25rem; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
header :focus-visible { outline-color: currentColor; outline-offset: -3px; }
summary { cursor: pointer; display: list-item; padding-block: .6rem; color: var(--link); font-size: .875rem; width: fit-content; }
.sources > summary { color: var(--text); font-weight: 600; }
.sources ol { margin: 0; padding: 0; list-style: none; }
.sources li { border-block-start: 1px solid var(--hair); padding-block: .25rem; }
.sources li .passage { background: var(--soft); padding: .75rem 1rem; font-size: .9375rem; }
.actions { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 0 1.5rem; margin-block: .25rem; }
.actions button { font-size: .875rem; border-color: transparent; padding-inline: 0; text-decoration: underline; text-underline-offset: .15em; }
.how p { font-size: .875rem; max-width: 42em; padding-block-end: .25rem; }
.wait { color: var(--muted); display: flex; align-items: center; gap: .6rem; margin-block: .5rem; }
.wait::before { content: ""; width: 1em; height: 1em; flex: none; border: 3px solid var(--hair); border-block-start-color: var(--color); border-radius: 50%; animation: turn 1s linear infinite; }
@keyframes turn { to { transform: rotate(1turn); } }
.status { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
form { padding: .75rem 1rem; }
label { font-weight: 600; display: block; }
textarea { font: inherit; width: 100%; min-height: 5.25rem; padding: .5rem .75rem; margin-block: .25rem .5rem; color: inherit; background: var(--bg); border: 1px solid var(--line); border-radius: var(--radius); resize: vertical; }
textarea[aria-invalid=true] { border: 2px solid var(--error); }
.hint { color: var(--muted); font-size: .875rem; }
.error { color: var(--error); font-weight: 600; margin-block-end: .5rem; }
.suggestions { list-style: none; display: flex; flex-wrap: wrap; gap: .5rem; margin: .25rem 0 .75rem; padding: 0; }
.contact, .person { display: flex; flex-wrap: wrap; align-items: center; gap: 0 .75rem; }
.contact { border-block-start: 1px solid var(--hair); padding: .125rem 1rem; font-size: .875rem; }
.person { margin-block-start: .5rem; }
.open { position: fixed; inset: auto 1rem 1rem auto; z-index: 2147483000; box-shadow: 0 2px 12px #0006; padding-inline: 1.25rem; min-height: 3.25rem; border: 2px solid var(--on-color); }
:host([launcher]) .panel { position: fixed; inset: auto 1rem 1rem auto; z-index: 2147483000; width: min(27rem, calc(100vw - 2rem)); height: min(44rem, calc(100vh - 2rem)); height: min(44rem, calc(100dvh - 2rem)); box-shadow: 0 4px 28px #0006; }
:host([launcher]) .panel > * { flex: none; }
:host([launcher]) .log { flex: 1; overflow-y: auto; min-height: 0; overscroll-behavior: contain; }
:host([launcher]) .entry { display: flex; flex-wrap: wrap; align-items: flex-end; gap: .5rem; margin-block-start: .25rem; }
:host([launcher]) textarea { min-height: 3.75rem; flex: 1 1 12rem; width: auto; margin: 0; }
@media (max-width: 30rem), (max-height: 40rem) {
  :host([launcher]) .panel { inset: 0; width: 100%; height: 100%; border: 0; border-radius: 0; overflow-y: auto; }
  :host([launcher]) .panel header { position: sticky; top: 0; z-index: 1; }
  :host([launcher]) .log { flex: 1 0 auto; overflow: visible; } }
@media (prefers-reduced-motion: reduce) { .wait::before { animation: none; } }
@media (forced-colors: active) { .primary, .open, header, .panel { border: 1px solid ButtonText; } mark { forced-color-adjust: none; background: Mark; color: MarkText; } .quote { border-inline-start-color: CanvasText; } }
@media print { :host([launcher]), form, .actions, .status { display: none; } }
`;

const sheet = new CSSStyleSheet();
sheet.replaceSync(CSS);

// el builds an element. Strings become text, never markup; on* are listeners.
function el(tag, props, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(props || {})) {
    if (v === undefined || v === null || v === false) continue;
    if (k.startsWith('on')) e.addEventListener(k.slice(2), v);
    else e.setAttribute(k, v === true ? '' : v);
  }
  e.append(...children.filter(c => c !== undefined && c !== null && c !== ''));
  return e;
}

// webURL takes only addresses a page may link to. Those of a source are whole, or
// begin at the root of the site: a file of a folder is no page of it.
function webURL(s, base = /^[/]/.test(s) ? document.baseURI : undefined) {
  try {
    const u = new URL(s, base);
    return u.protocol === 'https:' || u.protocol === 'http:' ? u : null;
  } catch { return null; }
}

// deepLink leads to the quotation: the page of a PDF, or a text fragment.
function deepLink(url, quote, page) {
  const u = webURL(url);
  if (!u) return null;
  if (page > 0) { if (!u.hash) u.hash = 'page=' + page; return u.href; }
  const words = (quote || '').split('\n')[0].trim().split(/\s+/).filter(Boolean);
  if (!words.length || /[.]pdf$/i.test(u.pathname)) return u.href;
  const enc = w => encodeURIComponent(w.join(' ')).replace(/-/g, '%2D');
  const text = words.length > 10 ? enc(words.slice(0, 5)) + ',' + enc(words.slice(-5)) : enc(words);
  return u.href + (u.hash ? '' : '#') + ':~:text=' + text;
}

// date writes a date of RFC 3339 in words.
function date(s, lang) {
  const d = new Date(s);
  return s && !isNaN(d) ? new Intl.DateTimeFormat(lang, { dateStyle: 'long', timeZone: 'UTC' }).format(d) : '';
}

// around splits a passage at its quotation. Offsets are bytes of UTF-8 in the document.
function around(source, citation) {
  const { text } = source, { quote } = citation;
  const bytes = new TextEncoder().encode(text);
  let at = new TextDecoder().decode(bytes.slice(0, Math.max(0, citation.start - source.start))).length;
  if (!text.startsWith(quote, at)) at = text.indexOf(quote);
  return at < 0 ? null : [text.slice(0, at), quote, text.slice(at + quote.length)];
}

// events yields {name, data} of an event stream.
async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    buffer += value;
    for (let m; (m = /\r?\n\r?\n/.exec(buffer));) {
      const block = buffer.slice(0, m.index);
      buffer = buffer.slice(m.index + m[0].length);
      let name = 'message', data = '';
      for (const line of block.split(/\r?\n/)) {
        const [, field, content] = /^([^:]*):? ?(.*)$/.exec(line);
        if (field === 'event') name = content;
        if (field === 'data') data += (data && '\n') + content;
      }
      if (data) yield { name, data: JSON.parse(data) };
    }
  }
}

class Problem extends Error {}

class VraagbaakChat extends HTMLElement {
  #root; #t; #log; #turns; #status; #form; #input; #error; #send; #panel; #opener; #running = null; #history = []; #ids = 0; #lang; #shift = false;

  connectedCallback() {
    if (this.#root) return;
    this.#lang = (this.closest('[lang]')?.lang || 'nl').toLowerCase().startsWith('en') ? 'en' : 'nl';
    this.#t = TEXTS[this.#lang];
    this.#root = this.attachShadow({ mode: 'open' });
    this.#root.adoptedStyleSheets = [sheet];
    this.#build();
  }

  disconnectedCallback() { this.#running?.abort(); }

  #build() {
    const t = this.#t, launcher = this.hasAttribute('launcher');
    this.#turns = el('ol', { class: 'turns', role: 'list' });
    this.#log = el('div', { class: 'log', role: 'log', tabindex: launcher ? '0' : null, 'aria-labelledby': 'title' }, this.#turns);
    this.#status = el('p', { role: 'status', class: 'status' });
    this.#input = el('textarea', { id: 'q', rows: 2, required: true, 'aria-describedby': 'hint error', autocomplete: 'off', enterkeyhint: 'send',
      // Enter sends, Shift+Enter is a new line; beforeinput also hears the keyboards of telephones.
      onkeydown: e => { this.#shift = e.shiftKey; },
      onbeforeinput: e => { if (e.inputType === 'insertLineBreak' && !this.#shift) { e.preventDefault(); this.#submit(); } } });
    this.#error = el('p', { id: 'error', class: 'error' });
    this.#error.hidden = true;
    this.#send = el('button', { type: 'submit', class: 'primary' }, t.send);
    this.#form = el('form', { novalidate: true, onsubmit: e => { e.preventDefault(); this.#submit(); } },
      this.#suggestions(), el('label', { for: 'q' }, t.label), el('p', { id: 'hint', class: 'hint' }, t.hint), this.#error, el('div', { class: 'entry' }, this.#input, this.#send));
    this.#panel = el('section', { id: 'panel', class: 'panel', 'aria-labelledby': 'title', lang: this.#lang },
      el('header', null, el('h2', { id: 'title' }, this.getAttribute('heading') || t.title),
        launcher ? el('button', { type: 'button', onclick: () => this.close() }, t.close) : null),
      el('p', { class: 'notice', id: 'ai' }, t.ai),
      this.#log, this.#status, this.#form, this.#contact('contact'));
    if (launcher) {
      this.#opener = el('button', { type: 'button', class: 'primary open', lang: this.#lang, 'aria-expanded': 'false', 'aria-controls': 'panel', onclick: () => this.open() }, t.open);
      this.#panel.hidden = true;
      this.#panel.addEventListener('keydown', e => { if (e.key === 'Escape') { e.stopPropagation(); this.close(); } });
      this.#root.append(this.#opener);
    }
    this.#root.append(this.#panel);
  }

  open() {
    if (!this.#opener) return;
    this.#panel.hidden = false; this.#opener.hidden = true; this.#opener.setAttribute('aria-expanded', 'true');
    this.#input.focus();
  }

  close() {
    if (!this.#opener) return;
    this.#panel.hidden = true; this.#opener.hidden = false; this.#opener.setAttribute('aria-expanded', 'false');
    this.#opener.focus();
  }

  #suggestions() {
    const list = (this.getAttribute('suggestions') || '').split('|').map(s => s.trim()).filter(Boolean);
    if (!list.length) return null;
    return el('div', { class: 'examples' }, el('h3', { id: 'examples' }, this.#t.suggestions),
      el('ul', { class: 'suggestions', role: 'list', 'aria-labelledby': 'examples' }, ...list.map(s => el('li', null, this.#choice(s)))));
  }

  // choice asks a ready question; the focus goes to the input, as the button may disappear.
  #choice(text) { return el('button', { type: 'button', onclick: () => { this.#input.focus({ preventScroll: true }); this.#ask(text); } }, text); }

  #contact(cls) {
    const t = this.#t, phone = this.getAttribute('contact-phone'), url = webURL(this.getAttribute('contact-url') || 'about:', document.baseURI);
    if (!phone && !url) return null;
    return el('p', { class: cls }, el('span', null, t.person),
      phone ? el('a', { class: 'link', href: 'tel:' + phone.replace(/[^+\d]/g, '') }, `${t.call} ${phone}`) : null,
      url ? el('a', { class: 'link', href: url.href }, t.contact) : null);
  }

  #submit() {
    if (this.#running) { this.#running.abort(); return; }
    const text = this.#input.value.trim(), n = [...text].length, t = this.#t;
    const wrong = n === 0 ? t.empty : n > MAX ? t.long(n - MAX) : '';
    this.#invalid(wrong);
    if (wrong) { this.#input.focus(); return; }
    this.#input.value = '';
    this.#ask(text);
  }

  #invalid(message) {
    this.#error.textContent = message;
    this.#error.hidden = !message;
    this.#input.setAttribute('aria-invalid', message ? 'true' : 'false');
    if (message) this.#say(message);
  }

  #say(text) { this.#status.textContent = text; }

  async #ask(question) {
    if (this.#running) return;
    const t = this.#t, turn = new Turn(this, question);
    this.#turns.append(turn.node);
    this.#root.querySelector('.examples')?.remove();
    turn.node.scrollIntoView({ block: 'start', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
    this.#running = new AbortController();
    this.#send.textContent = t.stop;
    this.#say(t.searching);
    try {
      const done = await this.#exchange(question, turn, this.#running.signal);
      if (done.status !== 'refused') this.#history.push({ question: question.slice(0, MAX), answer: (done.statements.map(s => s.text).join(' ') || done.message).slice(0, 1200) });
      this.#say(done.status === 'refused' ? t.refused : done.status === 'clarify' ? t.choose : t.ready);
    } catch (err) {
      const stopped = err.name === 'AbortError';
      const message = stopped ? t.stopped : err instanceof Problem ? err.message : t.offline;
      turn.fail(message, () => { turn.node.remove(); this.#input.focus(); this.#ask(question); });
      this.#say(message);
    } finally {
      this.#running = null;
      this.#send.textContent = t.send;
    }
  }

  async #exchange(question, turn, signal) {
    const collections = (this.getAttribute('collections') || '').split(/\s+/).filter(Boolean);
    const response = await fetch(API, { method: 'POST', signal, referrerPolicy: 'no-referrer',
      headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
      body: JSON.stringify({ question, collections, history: this.#history.slice(-3) }) });
    if (!response.ok) {
      const p = await response.json().catch(() => ({}));
      throw new Problem(p.errors?.[0]?.detail || p.detail || this.#t.failed);
    }
    for await (const { name, data } of events(response.body)) {
      if (name === 'sources') { turn.sources(data.sources); this.#say(this.#t.found(data.sources.length)); }
      else if (name === 'statement') turn.statement(data);
      else if (name === 'error') throw new Problem(data.detail || this.#t.failed);
      else if (name === 'done') { turn.done(data); return data; }
    }
    throw new TypeError('the stream ended early');
  }

  // What a Turn needs of its chat.
  get texts() { return this.#t; }
  get language() { return this.#lang; }
  nextId(prefix) { return prefix + (++this.#ids); }
  choice(text) { return this.#choice(text); }
  person() { return this.#contact('person'); }
  say(text) { this.#say(text); }
}

// Turn is one question with its answer, as an item of the log.
class Turn {
  #chat; #t; #question; #box; #wait; #statements; #sourceList; #sources = []; #shown = 0;

  constructor(chat, question) {
    this.#chat = chat; this.#t = chat.texts; this.#question = question;
    this.#wait = el('p', { class: 'wait', 'aria-hidden': 'true' }, this.#t.searching);
    this.#statements = el('div', { class: 'statements', lang: 'nl' });
    this.#sourceList = el('div', { 'aria-live': 'off' });
    const label = chat.nextId('answer');
    this.#box = el('div', { class: 'answer', role: 'group', 'aria-labelledby': label, 'data-ai-system': 'vraagbaak', 'data-ai-generated': 'true' },
      el('h3', { id: label }, this.#t.answer), this.#statements, this.#wait, this.#sourceList);
    this.node = el('li', { class: 'turn' }, el('div', { class: 'question' }, el('h3', null, this.#t.you), el('p', null, question)), this.#box);
  }

  sources(list) {
    this.#sources = list;
    this.#wait.textContent = this.#t.found(list.length);
    this.#sourceList.replaceChildren();
    if (!list.length) return;
    this.#sourceList.append(el('details', { class: 'sources', open: true }, el('summary', null, this.#t.sources(list.length)),
      el('ol', { role: 'list' }, ...list.map(s => el('li', null,
        el('div', null, this.#link(`${s.n}. ${s.title || s.url}`, s.url, '', s.page)), this.#meta(s, s.page),
        el('details', null, el('summary', null, this.#t.passage, el('span', { class: 'meta' }, ` (${this.#t.source.toLowerCase()} ${s.n})`)),
          el('div', { class: 'passage', lang: 'nl' }, s.context ? el('p', { class: 'meta' }, s.context) : '', s.text)))))));
  }

  statement(s) {
    this.#shown++;
    const chips = el('div', { class: 'chips' }), quotes = el('div', { 'aria-live': 'off' });
    for (const c of s.citations) {
      const source = this.#sources.find(x => x.n === c.source) || { n: c.source, text: c.quote, start: c.start, title: c.title, url: c.url };
      const id = this.#chat.nextId('quote'), quote = this.#quote(source, c, id);
      const chip = el('button', { type: 'button', class: 'chip', 'aria-expanded': 'false', 'aria-controls': id, onclick: () => {
        quote.hidden = !quote.hidden;
        chip.setAttribute('aria-expanded', String(!quote.hidden));
      } }, `${this.#t.source} ${c.source}: ${c.title || source.title || source.url}`);
      chips.append(chip);
      quotes.append(quote);
    }
    this.#statements.append(el('div', { class: 'statement' }, el('p', null, s.text), chips, quotes));
  }

  #quote(source, c, id) {
    const parts = around(source, c);
    const text = el('blockquote', { lang: 'nl' });
    if (parts) text.append(parts[0], el('mark', null, parts[1]), parts[2]);
    else text.append(el('mark', null, c.quote));
    const figure = el('div', { class: 'quote', id, role: 'group', 'aria-label': `${this.#t.source} ${c.source}` },
      this.#meta({ ...source, heading: c.heading }, c.page), source.context ? el('p', { class: 'meta' }, source.context) : '', text,
      this.#link(this.#t.toSource + ': ' + (c.title || source.title || c.url), c.url || source.url, c.quote, c.page));
    figure.hidden = true;
    return figure;
  }

  #meta(s, page) {
    const parts = [(s.heading || []).filter(h => h !== s.title).join(' › '), page > 0 ? `${this.#t.page} ${page}` : '', date(s.published, this.#chat.language), s.older ? this.#t.older : ''].filter(Boolean);
    return parts.length ? el('p', { class: 'meta' }, parts.join(' · ')) : '';
  }

  #link(text, url, quote, page) {
    const href = deepLink(url, quote, page);
    return href ? el('a', { class: 'link', href, target: '_blank', rel: 'noopener noreferrer' }, text) : el('span', { class: 'link' }, text);
  }

  done(a) {
    const t = this.#t;
    this.#wait.remove();
    if (a.sources.length !== this.#sources.length) this.sources(a.sources);
    if (a.statements.length !== this.#shown) { // the complete answer counts
      this.#statements.replaceChildren();
      a.statements.forEach(s => this.statement(s));
    }
    this.#box.dataset.aiMode = a.mode;
    const message = a.message || (a.status === 'refused' ? t.noAnswer : a.status === 'partial' ? t.partial : '');
    if (message) this.#statements.append(el('p', { class: 'message' }, message));
    if (a.choices.length) this.#statements.append(el('ul', { class: 'suggestions', role: 'list' }, ...a.choices.map(c => el('li', null, this.#chat.choice(c)))));
    if (a.status === 'refused') { const p = this.#chat.person(); if (p) this.#statements.append(p); }
    if (a.statements.length) this.#box.insertBefore(this.#foot(a), this.#sourceList);
  }

  #foot(a) {
    const t = this.#t, copy = el('button', { type: 'button', onclick: async () => { copy.textContent = await this.#copy(a); this.#chat.say(copy.textContent); } }, t.copy);
    const models = [a.models.generator && `${t.model}: ${a.models.generator}`, a.models.embedder && `${t.search}: ${a.models.embedder}`].filter(Boolean).join(' · ');
    return el('div', { class: 'actions', 'aria-live': 'off' }, copy,
      el('details', { class: 'how' }, el('summary', null, t.how), el('p', null, a.mode === 'generated' ? t.generated : t.extracted), models ? el('p', { class: 'meta' }, models) : ''));
  }

  async #copy(a) {
    const lines = a.statements.map(s => s.text + ' ' + s.citations.map(c => `[${c.source}]`).join(''));
    const used = new Set(a.statements.flatMap(s => s.citations.map(c => c.source)));
    const list = a.sources.filter(s => used.has(s.n)).map(s => `[${s.n}] ${s.title} ${webURL(s.url)?.href || s.url}`);
    try {
      await navigator.clipboard.writeText([this.#question, '', ...lines, '', ...list, '', this.#t.ai].join('\n'));
      return this.#t.copied;
    } catch { return this.#t.copyFailed; }
  }

  fail(message, retry) {
    this.#wait.remove();
    this.#box.append(el('p', { class: 'error' }, message), el('button', { type: 'button', onclick: retry }, this.#t.retry));
  }
}

if (!customElements.get('vraagbaak-chat')) customElements.define('vraagbaak-chat', VraagbaakChat);
