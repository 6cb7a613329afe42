// Navigation on narrow screens, the theme, copying of code, the search. Works from a folder as from a server; nothing is loaded from elsewhere.
const base = document.body.dataset.base ?? '';
const root = document.documentElement;

const menu = document.getElementById('menu');
menu.addEventListener('click', () => {
  const open = root.classList.toggle('menu-open');
  menu.setAttribute('aria-expanded', String(open));
});

document.getElementById('theme').addEventListener('click', () => {
  const dark = root.dataset.theme === 'dark' || (root.dataset.theme === undefined && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = dark ? 'light' : 'dark';
  localStorage.setItem('theme', root.dataset.theme);
});

document.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'nearest' });

for (const button of document.querySelectorAll('button.copy')) {
  button.addEventListener('click', () => {
    void navigator.clipboard.writeText(button.nextElementSibling.innerText);
    button.textContent = 'Copied';
    setTimeout(() => (button.textContent = 'Copy'), 1500);
  });
}

// The section that is being read.
const sections = [...document.querySelectorAll('aside a')];
if (sections.length > 0) {
  const byId = new Map(sections.map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
  const observer = new IntersectionObserver(
    (entries) => {
      const seen = entries.find((entry) => entry.isIntersecting);
      if (seen === undefined) return;
      for (const link of sections) link.removeAttribute('aria-current');
      byId.get(seen.target.id)?.setAttribute('aria-current', 'true');
    },
    { rootMargin: '-64px 0px -70% 0px' },
  );
  for (const id of byId.keys()) observer.observe(document.getElementById(id));
}

const MOST = 20;
const input = document.getElementById('search');
const results = document.getElementById('results');
let loading;

/** The index is loaded when somebody begins to search. */
function loadIndex() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = `${base}search-index.js`;
    script.addEventListener('load', () => resolve(globalThis.searchIndex));
    script.addEventListener('error', reject);
    document.head.append(script);
  });
  return loading;
}

/**
 * How well an entry fits all words; 0 when one is missing. A word in a title counts more than one in the text, a whole one more than
 * a part, and a section that explains more than a name of the same letters.
 */
function score([title, page, , text, section], words) {
  const [inTitle, inPage, inText] = [title.toLowerCase(), page.toLowerCase(), text.toLowerCase()];
  const titleWords = new Set(inTitle.split(/[^\p{L}\p{N}]+/u));
  let [sum, isNamed] = [0, false];
  for (const word of words) {
    const named = inTitle === word ? 60 : titleWords.has(word) ? 50 : inTitle.startsWith(word) ? 40 : inTitle.includes(word) ? 20 : 0;
    isNamed ||= titleWords.has(word);
    if (named > 0) sum += named;
    else if (inPage.includes(word)) sum += 8;
    else if (inText.includes(word)) sum += 3;
    else return 0;
  }
  return sum + (section === 1 && isNamed ? 25 : 0) + (page === '' ? 5 : 0);
}

function excerpt(text, word) {
  const at = Math.max(0, text.toLowerCase().indexOf(word) - 40);
  return `${at > 0 ? '… ' : ''}${text.slice(at, at + 140)}${text.length > at + 140 ? ' …' : ''}`;
}

async function search() {
  const words = input.value
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) {
    results.hidden = true;
    return;
  }
  const index = await loadIndex();
  const found = index
    .map((entry) => [score(entry, words), entry])
    .filter(([value]) => value > 0)
    .sort(([a], [b]) => b - a)
    .slice(0, MOST);
  results.replaceChildren(...found.map(([, entry]) => resultItem(entry, words[0])));
  if (found.length === 0) results.append(Object.assign(document.createElement('li'), { className: 'none', textContent: 'Nothing found' }));
  results.hidden = false;
}

function resultItem([title, page, url, text], word) {
  const link = Object.assign(document.createElement('a'), { href: base + url });
  link.append(Object.assign(document.createElement('strong'), { textContent: title }));
  if (page !== '') link.append(Object.assign(document.createElement('span'), { textContent: page }));
  if (text !== '') link.append(Object.assign(document.createElement('small'), { textContent: excerpt(text, word) }));
  const item = document.createElement('li');
  item.append(link);
  return item;
}

input.addEventListener('focus', () => void loadIndex());
input.addEventListener('input', () => void search());
input.addEventListener('keydown', (event) => {
  if (event.key === 'Enter') results.querySelector('a')?.click();
  if (event.key === 'ArrowDown') results.querySelector('a')?.focus();
});
results.addEventListener('keydown', (event) => {
  const item = document.activeElement.closest('li');
  const next = event.key === 'ArrowDown' ? item?.nextElementSibling : event.key === 'ArrowUp' ? item?.previousElementSibling : undefined;
  if (next === undefined) return;
  event.preventDefault();
  (next?.querySelector('a') ?? input).focus();
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') results.hidden = true;
  if (event.key !== '/' || event.target.closest('input, textarea')) return;
  event.preventDefault();
  input.focus();
});
document.addEventListener('click', (event) => {
  if (!event.target.closest('.search')) results.hidden = true;
});
