// The page is whole without this module. It adds buttons that copy, and one choice of language for all
// samples, kept for the next visit. Nothing here writes HTML.

const said = document.getElementById('said');

// copy puts a text where the next paste finds it. Where the browser does not let us (plain HTTP on
// another machine), the text is marked, so that one key press copies it.
async function copy(block) {
  const text = block.textContent;
  try {
    await navigator.clipboard.writeText(text);
    return 'Copied';
  } catch {
    const range = document.createRange();
    range.selectNodeContents(block);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return 'Marked: press Ctrl+C';
  }
}

for (const button of document.querySelectorAll('.copy')) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    const word = await copy(button.nextElementSibling.firstElementChild);
    button.textContent = word;
    said.textContent = word;
    setTimeout(() => { button.textContent = 'Copy'; said.textContent = ''; }, 1800);
  });
}

const kept = 'paylink-language';
const radios = [...document.querySelectorAll('.tabs input')];

// choose shows one language everywhere, without moving what the reader looks at.
function choose(language, near) {
  const before = near?.getBoundingClientRect().top;
  for (const radio of radios) radio.checked = radio.value === language;
  if (near) scrollBy({ top: near.getBoundingClientRect().top - before, behavior: 'instant' });
}

for (const radio of radios) {
  radio.addEventListener('change', () => {
    choose(radio.value, radio);
    try { localStorage.setItem(kept, radio.value); } catch { /* not kept: a private window */ }
  });
}
try {
  const language = localStorage.getItem(kept);
  if (radios.some((radio) => radio.value === language)) {
    choose(language);
    if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
  }
} catch { /* nothing is kept */ }

// On a narrow screen the contents begin folded, and fold again when one was chosen.
const fold = document.querySelector('.fold');
const narrow = matchMedia('(max-width: 63.99rem)');
const suit = () => { fold.open = !narrow.matches; };
narrow.addEventListener('change', suit);
suit();
fold.addEventListener('click', (event) => { if (narrow.matches && event.target.closest('a')) fold.open = false; });

// The side list marks what is being read.
const entries = new Map([...document.querySelectorAll('.side a')].map((a) => [a.hash.slice(1), a]));
let marked;
const watch = new IntersectionObserver((seen) => {
  const first = seen.filter((s) => s.isIntersecting).at(0);
  const entry = first && entries.get(first.target.id);
  if (!entry || entry === marked) return;
  marked?.removeAttribute('aria-current');
  entry.setAttribute('aria-current', 'true');
  marked = entry;
  if (!narrow.matches) entry.scrollIntoView({ block: 'nearest' });
}, { rootMargin: '-60px 0px -75% 0px' });
for (const id of entries.keys()) {
  const heading = document.getElementById(id);
  if (heading) watch.observe(heading);
}
