// The phone page, kept up to date: when the sandbox says that something has changed, the page is
// asked for again and its live parts are put in place. Without this module the page refreshes itself.
const base = document.body.dataset.base;
const show = new URLSearchParams(location.search).get("show");
let running = false;
let again = false;

async function refresh() {
  if (running) {
    again = true;
    return;
  }
  running = true;
  do {
    again = false;
    try {
      const answer = await fetch(base + "/" + (show ? "?show=" + encodeURIComponent(show) : ""), { headers: { Accept: "text/html" } });
      if (answer.ok) place(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      // The stream connects again by itself, and its first event brings the page up to date.
    }
  } while (again);
  running = false;
}

// place swaps what differs. Focus and scrolling stay where the reader left them.
function place(fresh) {
  const focused = document.activeElement?.id;
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    if (!next || part.innerHTML === next.innerHTML) continue;
    const scrolled = document.getElementById("messages")?.scrollTop ?? 0;
    part.replaceChildren(...next.childNodes);
    const messages = document.getElementById("messages");
    if (messages) messages.scrollTop = scrolled;
  }
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
  see();
}

function read(id) {
  return fetch(base + "/messages/" + id + "/read", { method: "POST", headers: { Accept: "application/json" }, keepalive: true });
}

// Opening an app is reading its messages; the list of all apps is only a glance at the lock screen.
const seen = new Set();
function see() {
  if (!show || document.visibilityState !== "visible") return;
  for (const m of document.querySelectorAll('.message[data-status="delivered"]:not([data-channel="sms"])')) {
    if (seen.has(m.id)) continue;
    seen.add(m.id);
    read(m.id);
  }
}

document.addEventListener("click", (e) => {
  const link = e.target.closest?.("[data-opens]");
  const message = link?.closest(".message");
  if (message && message.dataset.status === "delivered" && message.dataset.channel !== "sms") read(message.id);
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") refresh();
});
setInterval(refresh, 30000); // the clock moves on even when nothing happens

new EventSource(base + "/stream").addEventListener("changed", refresh);
