// Every page is whole without this module. It keeps pages live: it hears what happens, puts sentences
// into the feed, fetches the rows and parts of pages that have changed, and tells of payments. Pages
// are rendered by the server alone; nothing here writes HTML.

const page = document.body.dataset;
const byId = id => document.getElementById(id);

// What the last form led to is said once; a reload should not say it again.
if (new URLSearchParams(location.search).has('note')) history.replaceState(null, '', location.pathname);

// On a phone the navigation is wider than the screen: the entry of this page is brought into it.
const here = document.querySelector('.nav [aria-current]');
if (here) here.parentElement.scrollLeft = here.offsetLeft - (here.parentElement.clientWidth - here.offsetWidth) / 2;

// fetchDocument gives a page of ours as an inert document. It follows no script in it.
function fetchDocument(address) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('GET', address);
    request.responseType = 'document';
    request.onload = () => request.status === 200 && request.response ? resolve(request.response) : reject(new Error(String(request.status)));
    request.onerror = () => reject(new Error('offline'));
    request.send();
  });
}

// soon gathers calls: work runs once a moment after the first, and once more if it was called meanwhile.
function soon(work, pause) {
  let waiting = false, again = false;
  return function call() {
    if (waiting) { again = true; return; }
    waiting = true;
    setTimeout(async () => {
      again = false;
      await work().catch(() => {}); // the next event tries again
      waiting = false;
      if (again) call();
    }, pause);
  };
}

// replace puts a part of a fresh page into this one, and keeps what the reader has opened or focused.
function replace(old, fresh) {
  const same = old.dataset.version ? old.dataset.version === fresh.dataset.version : old.isEqualNode(fresh);
  if (same) return;
  for (const open of old.querySelectorAll('details[open][id]')) {
    const again = fresh.querySelector('#' + CSS.escape(open.id));
    if (again) again.open = true;
  }
  const focused = old.contains(document.activeElement) ? document.activeElement.closest('[id]')?.id : '';
  old.replaceWith(document.adoptNode(fresh));
  if (focused) (byId(focused)?.querySelector('summary') ?? byId(focused))?.focus();
  guardForms();
}

const refreshParts = soon(async () => {
  const fresh = await fetchDocument(location.pathname);
  for (const part of document.querySelectorAll('[data-live]')) {
    const twin = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
    if (twin) replace(part, twin);
  }
}, page.page === 'home' ? 400 : 60);

const rowRefreshers = new Map();
function refreshRow(link) {
  const find = () => document.querySelector(`tr[data-link="${CSS.escape(link)}"]`);
  if (!find()) return;
  if (!rowRefreshers.has(link)) {
    rowRefreshers.set(link, soon(async () => {
      const fresh = (await fetchDocument(find().dataset.row)).querySelector('tr[data-link]');
      const before = find()?.querySelector('.badge')?.textContent;
      if (!fresh || !find() || find().isEqualNode(fresh)) return;
      const focused = find().contains(document.activeElement);
      const row = document.adoptNode(fresh);
      if (row.querySelector('.badge')?.textContent !== before) row.classList.add('new');
      find().replaceWith(row);
      if (focused) row.querySelector('a')?.focus();
    }, 60));
  }
  rowRefreshers.get(link)();
}

// New links wait behind a button, so that the list does not jump under the reader's hand.
let fresh = 0;
function countFresh() {
  const pill = byId('fresh');
  if (!pill) return location.reload(); // the first link of all
  pill.textContent = `${++fresh} new — show`;
  pill.hidden = false;
}

// The feed.
const feed = byId('feed'), pause = byId('pause');
const longestFeed = 100;
let held = [];
const paused = () => pause?.getAttribute('aria-pressed') === 'true';

function tellInFeed(event) {
  const entry = byId('feed-entry').content.firstElementChild.cloneNode(true);
  const part = name => entry.querySelector(`[data-part="${name}"]`);
  entry.className = `${event.tone} new`;
  entry.dataset.lane = event.lane;
  part('lane').textContent = event.lane_word;
  part('subject').firstElementChild.textContent = event.subject;
  if (event.href) part('subject').href = event.href; else part('subject').removeAttribute('href');
  part('text').textContent = event.text;
  part('when').dateTime = event.at;
  part('when').textContent = event.when;
  feed.prepend(entry);
  while (feed.childElementCount > longestFeed) feed.lastElementChild.remove();
  byId('feed-empty').hidden = true;
}

function pauseWord() {
  pause.textContent = !paused() ? 'Pause' : held.length ? `Go on (${held.length} new)` : 'Go on';
}

if (pause) {
  pause.hidden = false;
  pause.addEventListener('click', () => {
    pause.setAttribute('aria-pressed', String(!paused()));
    if (!paused()) held.splice(0).forEach(tellInFeed);
    pauseWord();
  });
}

// Notifications, while the dashboard is open.
const asks = byId('notify');
function offerNotifications() {
  if (asks) asks.hidden = !('Notification' in window) || Notification.permission !== 'default';
}
asks?.addEventListener('click', async () => { await Notification.requestPermission(); offerNotifications(); });

function notify(notice) {
  if (!('Notification' in window) || Notification.permission !== 'granted') return;
  try {
    // One tag for one payment: several open pages are one notification.
    new Notification(notice.title, {body: notice.body, tag: notice.tag}).onclick = () => window.focus();
  } catch { /* phones show them from service workers only */ }
}

// A payment is told by two events, captured and paid, and is one notification.
const toldBefore = new Set();
function notifyOnce(notice) {
  if (toldBefore.has(notice.tag)) return;
  toldBefore.add(notice.tag);
  notify(notice);
}

// The stream.
let last = Number(page.after) || 0, stream = null;

function hear(event) {
  last = Math.max(last, event.sequence);
  if (event.notice) notifyOnce(event.notice);
  if (page.page === 'home') {
    if (paused()) { held.push(event); held = held.slice(-longestFeed); pauseWord(); } else tellInFeed(event);
    refreshParts();
  } else if (page.page === 'links') {
    if (event.type === 'payment_link.created' && !document.querySelector(`tr[data-link="${CSS.escape(event.link)}"]`)) countFresh();
    else refreshRow(event.link);
  } else if (page.about && page.about === event.link) {
    byId('said').textContent = event.text;
    refreshParts();
  }
}

function show(word, on) {
  const pulse = byId('pulse');
  pulse.hidden = false;
  pulse.className = `pulse ${on ? 'on' : 'off'}`;
  byId('pulse-word').textContent = word;
}

function listen() {
  stream?.close();
  stream = new EventSource(`${page.feed}?after=${last}`);
  stream.onopen = () => show('Connected', true);
  stream.onmessage = message => hear(JSON.parse(message.data));
  stream.addEventListener('reload', () => location.reload());
  stream.onerror = () => {
    if (stream.readyState !== EventSource.CLOSED) return show('Reconnecting', false);
    // The server has refused: the session may have ended, or it is just starting again.
    show('Not connected', false);
    setTimeout(listen, 15000);
  };
}

// Two presses of a button send a form once. The server sees to it as well.
function guardForms() {
  for (const form of document.forms) {
    if (form.method !== 'post' || form.dataset.guarded) continue;
    form.dataset.guarded = 'yes';
    form.addEventListener('submit', event => {
      if (form.dataset.sent) return event.preventDefault();
      form.dataset.sent = 'yes';
      const button = form.querySelector('button[data-busy]');
      if (!button) return;
      button.setAttribute('aria-disabled', 'true');
      button.textContent = button.dataset.busy;
    });
  }
}

const copy = byId('copy');
if (copy && navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener('click', async () => {
    const word = copy.textContent;
    await navigator.clipboard.writeText(byId(copy.dataset.of ?? 'url').textContent).catch(() => {});
    copy.textContent = copy.dataset.done;
    byId('said').textContent = copy.dataset.done;
    setTimeout(() => { copy.textContent = word; }, 2000);
  });
}

// The line of a folded group says what the server has read; what is typed since is at least told of.
byId('make')?.addEventListener('input', event => {
  const line = event.target.closest('details')?.querySelector('[data-changed]');
  if (line) line.textContent = line.dataset.changed;
});

byId('make')?.addEventListener('keydown', event => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
});

// A page that has a stream of its own is told when its parts have changed, and what to say aloud.
if (page.own) {
  const own = new EventSource(page.own);
  own.onmessage = message => {
    const said = JSON.parse(message.data).said;
    if (byId('said').textContent !== said) byId('said').textContent = said;
    refreshParts();
  };
  own.addEventListener('end', () => own.close());
  addEventListener('pagehide', () => own.close());
}

addEventListener('pageshow', event => { if (event.persisted) location.reload(); });
addEventListener('pagehide', () => stream?.close());
guardForms();
if (page.feed) {
  offerNotifications();
  listen();
}
