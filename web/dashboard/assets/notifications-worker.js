// Shows what the merchant's people are told while no page is open, and opens the page of it. It fetches nothing and
// keeps nothing.

self.addEventListener('install', () => self.skipWaiting());

self.addEventListener('push', event => {
  const {title, navigate, ...options} = event.data.json().notification;
  event.waitUntil(self.registration.showNotification(title, {...options, data: navigate}));
});

self.addEventListener('notificationclick', event => {
  event.notification.close();
  const to = URL.canParse(event.notification.data) ? new URL(event.notification.data) : null;
  if (to?.origin === self.location.origin) event.waitUntil(show(to.href));
});

// show brings a page that is open there to the front, or opens one.
async function show(address) {
  const open = await self.clients.matchAll({type: 'window', includeUncontrolled: true});
  const there = open.find(page => page.url.split('#')[0] === address);
  return there ? there.focus() : self.clients.openWindow(address);
}
