// The page is whole without this module. It only keeps the page fresh while a payment is under way,
// tells that a person sees it, and keeps a second press of a button from sending a form twice.

const data = document.body.dataset;
const steps = [2, 3, 5, 8, 15]; // seconds between two looks
const shown = [data.page, data.status, data.payment].join();
let step = 0, timer = 0, stream = null, leaving = false;

// What the last form led to is said once; a reload or a shared address should not say it again.
// A page that answers a form is left by its own address, so that nothing is sent a second time.
const here = data.self + (/[?&]again=1/.test(location.search) ? '?again=1' : '');
const posted = location.pathname.endsWith('/pay');
const anew = () => posted ? location.replace(here) : location.reload();
const go = /[?&]note=go/.test(location.search); // straight from the pay button, not back from the bank
if (location.search && !posted) history.replaceState(null, '', here);

const visible = () => document.visibilityState === 'visible' && !document.prerendering;

// A new state is a new page from the server: it alone decides what is shown.
function changed(state) {
  const left = document.getElementById('left');
  if (left && state.left && left.textContent !== state.left) left.textContent = state.left;
  if (leaving || [state.page, state.status, state.payment?.status ?? ''].join() === shown) return;
  leaving = true;
  stop();
  document.getElementById('live').textContent = data.updating;
  setTimeout(anew, Math.max(0, 500 - performance.now())); // never a storm of reloads
}

async function look() {
  clearTimeout(timer);
  try {
    const answer = await fetch(data.state, {cache: 'no-store'});
    if (answer.ok) changed(await answer.json());
    offline(false);
  } catch {
    offline(!navigator.onLine);
  }
  plan();
}

function plan() {
  clearTimeout(timer);
  if (leaving || data.final || !visible()) return;
  const still = stream?.readyState === EventSource.OPEN || data.payment === '';
  timer = setTimeout(look, 1000 * (still ? 15 : steps[Math.min(step++, steps.length - 1)]));
}

function listen() {
  if (stream || data.final || leaving || !visible()) return;
  stream = new EventSource(data.stream);
  stream.onmessage = event => changed(JSON.parse(event.data));
}

function stop() {
  clearTimeout(timer);
  stream?.close();
  stream = null;
}

const offline = is => { document.getElementById('offline').hidden = !is; };

function wake() {
  if (!visible()) return stop();
  step = 0;
  tellOpened();
  listen();
  look();
}

let told = false;
function tellOpened() {
  if (told || !visible()) return;
  told = true;
  fetch(data.opened, {method: 'POST', keepalive: true}).catch(() => { told = false; });
}

document.addEventListener('visibilitychange', wake);
document.addEventListener('prerenderingchange', wake);
addEventListener('online', wake);
addEventListener('offline', () => offline(true));
addEventListener('pagehide', stop);
addEventListener('pageshow', event => { if (event.persisted) anew(); });

for (const form of document.forms) {
  form.addEventListener('submit', event => {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = 'yes';
    leaving = true; // the answer to the form leads on: a reload now would cut it off
    stop();
    setTimeout(anew, 20000); // still here: no answer came, so show how things stand
    const button = form.querySelector('button');
    button.setAttribute('aria-disabled', 'true');
    button.textContent = button.dataset.busy;
  });
}

if (go) document.getElementById('gateway')?.requestSubmit();

const print = document.getElementById('print');
if (print) {
  print.hidden = false;
  print.addEventListener('click', () => window.print());
}

tellOpened();
listen();
plan();
