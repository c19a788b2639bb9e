// The page of the devices on which somebody is told of what happens. Nothing is asked before the button is
// pressed. The form alone changes what the server knows.

const device = document.getElementById('device');
const form = document.getElementById('device-form');
const button = document.getElementById('device-on');
const able = 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;

function say(text) {
  const said = document.getElementById('device-said');
  said.textContent = text;
  said.hidden = !text;
}

const refused = 'Notifications of this site are blocked on this device. Allow them in the settings of your browser, then press the button again.';
const unable = 'This browser cannot show notifications of the dashboard. On an iPhone or iPad, add the dashboard to the Home Screen and open it there.';

// trusted is the worker's address for browsers that take it by a policy only.
function trusted(address) {
  if (!window.trustedTypes) return address;
  return trustedTypes.createPolicy('paylink-worker', {
    createScriptURL: text => {
      if (!text.startsWith('/static/')) throw new TypeError('not an address of ours');
      return text;
    },
  }).createScriptURL(address);
}

const worker = able ? trusted(device.dataset.worker) : null;

function bytes(text) {
  const raw = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(raw, c => c.charCodeAt(0));
}

// started waits until the worker of a registration can be told something.
async function started() {
  const registration = await navigator.serviceWorker.register(worker);
  const fresh = registration.installing ?? registration.waiting;
  if (!registration.active && fresh) {
    await new Promise((resolve, reject) => fresh.addEventListener('statechange', () => {
      if (fresh.state === 'activated') resolve();
      if (fresh.state === 'redundant') reject(new Error('the worker was not taken'));
    }));
  }
  return registration;
}

// subscribe gives the subscription by our key. One by another key is another merchant's, who was told here before.
async function subscribe() {
  const {pushManager} = await started();
  const options = {userVisibleOnly: true, applicationServerKey: bytes(device.dataset.key)};
  try {
    return await pushManager.subscribe(options);
  } catch (e) {
    if (e.name !== 'InvalidStateError') throw e;
    await (await pushManager.getSubscription())?.unsubscribe();
    return pushManager.subscribe(options);
  }
}

button.addEventListener('click', async () => {
  say('');
  if (await Notification.requestPermission() !== 'granted') return say(refused);
  button.setAttribute('aria-disabled', 'true');
  try {
    document.getElementById('subscription').value = JSON.stringify(await subscribe());
    form.requestSubmit();
  } catch (e) {
    button.removeAttribute('aria-disabled');
    say(e.name === 'NotAllowedError' ? refused : 'The browser could not reach its notification service. Try again in a moment.');
  }
});

// forgotten tells whether the browser lost what the server still has: then the button is there again.
async function forgotten() {
  const registration = await navigator.serviceWorker.getRegistration(device.dataset.worker);
  return Notification.permission !== 'granted' || !await registration?.pushManager.getSubscription();
}

if (!able) {
  say(unable);
} else if (!device.dataset.here || await forgotten().catch(() => true)) {
  form.hidden = false;
  if (Notification.permission === 'denied') say(refused);
}
