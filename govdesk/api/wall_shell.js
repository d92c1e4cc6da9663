// The shell of the wall: keeps the last good picture, says what is wrong, renews the frame behind the picture.
'use strict';
const asked = new URLSearchParams(location.search);
const number = (name, usual, least, most) => {
  const found = Number(asked.get(name));
  return asked.has(name) && found >= least && found <= most ? found : usual;
};
const PROBE = 1000 * number('probe', 5, 0.2, 60);          // between two questions to the server
const RENEW = 60000 * number('renew', 360, 0.02, 1440);    // a frame is replaced after this, and at least once a day
const PATIENCE = 60000;                                    // a new frame gets this long for its first good picture
const PAUSE = 10000;                                       // before the next one is tried
const SETTLE = 1500;                                       // between its good picture and the change
const HEAP = 400e6;                                        // bytes: above, the frame is renewed (Chromium tells)
const notice = document.getElementById('notice'), waiting = document.getElementById('waiting');
const since = () => performance.now();

let shown = null, coming = null;      // {element, born, n, at, alive, state}
let skew = 0;                         // the server's clock minus ours, ms
let server = {ok: true, since: null}, database = {ok: true, since: null}, boot = null, wanted = true, tried = -1e9;
let startedAt = Date.now(), heapRenewed = -1e9;

const now = () => Date.now() + skew;
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
const parts = at => Object.fromEntries(new Intl.DateTimeFormat('en-GB', {timeZone: FACTS.zone, year: 'numeric',
  month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23'})
  .formatToParts(new Date(at)).map(part => [part.type, part.value]));
function tell(at) {                   // today the time alone, yesterday with that word, else with the day
  const then = parts(at), time = then.hour + ':' + then.minute;
  const same = other => then.year === other.year && then.month === other.month && then.day === other.day;
  if (same(parts(now()))) return time;
  if (same(parts(now() - 86400000))) return fill(FACTS.words.yesterday, {time});
  return fill(FACTS.words.day, {month: +then.month, day: +then.day, time});
}

function read(frame) {                // what the frame's own marker says of its picture
  let pulse = null;
  try { pulse = frame.element.contentDocument.querySelector('.w-pulse'); } catch { return; }
  if (!pulse) return;
  const n = Number(pulse.dataset.n);
  frame.tick = 1000 * Number(pulse.dataset.tick);
  frame.state = pulse.dataset.state;
  if (n !== frame.n) { frame.n = n; frame.alive = since(); }
  if (frame.state !== 'bad') frame.at = Number(pulse.dataset.at);
  if (frame.state === 'good') frame.good ??= since();
}

function make() {
  const element = document.createElement('iframe');
  const inner = new URLSearchParams(location.search);
  ['renew', 'probe'].forEach(name => inner.delete(name));
  inner.set('embed', 'true');
  element.src = 'wall_screen?' + inner;
  element.title = FACTS.words.title;
  document.body.append(element);
  return {element, born: since(), n: null, at: null, alive: since(), state: null, good: null, tick: 5000};
}

function change() {                   // the new frame over the old one, then the old one goes
  const old = shown;
  shown = coming; coming = null; wanted = false;
  shown.element.className = 'shown';
  waiting.hidden = true; waiting.textContent = '';
  if (old) setTimeout(() => drop(old), 400);
}
function drop(frame) { frame.element.src = 'about:blank'; frame.element.remove(); }

function look() {
  if (shown) read(shown);
  if (coming) {
    read(coming);
    if (coming.good !== null && coming.state === 'good' && since() - coming.good > SETTLE) change();
    else if (since() - coming.born > PATIENCE || !server.ok) { drop(coming); coming = null; tried = since(); }
  }
  const stalled = shown && since() - shown.alive > 4 * shown.tick + 10000;
  if (shown && (stalled || since() - shown.born > RENEW)) wanted = true;
  const heap = performance.memory ? performance.memory.usedJSHeapSize : 0;
  if (shown && heap > HEAP && since() - heapRenewed > 3600000) { wanted = true; heapRenewed = since(); }
  if (!coming && wanted && server.ok && database.ok && since() - tried > PAUSE) { coming = make(); tried = since(); }
  say(stalled);
}

function say(stalled) {
  let text = null;
  const at = shown && shown.at ? tell(shown.at) : null;
  if (!server.ok) text = at ? fill(FACTS.words.server, {since: tell(server.since), at})
    : fill(FACTS.words.waiting, {since: tell(server.since)});
  else if (!database.ok && at) text = fill(FACTS.words.database, {since: tell(database.since), at});
  else if (stalled && at) text = fill(FACTS.words.frame, {since: at, at});
  else if (!shown && Date.now() - startedAt > PATIENCE / 2) text = fill(FACTS.words.frame_only, {since: tell(startedAt + skew)});
  if (!shown) { waiting.textContent = text || FACTS.words.opening; text = null; }
  if ((text || '') !== notice.textContent) notice.textContent = text || '';
  notice.hidden = !text;
}

async function probe() {
  const before = server.ok && database.ok;
  let found = null;
  try {
    const answer = await fetch('wall/health', {cache: 'no-store', signal: AbortSignal.timeout(Math.max(PROBE, 4000))});
    if (answer.status === 401) { location.reload(); return; }  // taken back: what is shown is not for this screen
    if (answer.ok) found = await answer.json();
  } catch { found = null; }
  if (found) skew = found.now - Date.now();
  mark(server, found !== null);
  if (found) mark(database, found.database === 'ok');
  if (found && (boot !== null && boot !== found.boot || !before && database.ok)) { wanted = true; tried = -1e9; }
  if (found) {
    boot = found.boot;
    if (found.shell !== FACTS.shell && database.ok && shown && !reloaded()) location.reload();  // a newer program
  }
  look();
  setTimeout(probe, PROBE);
}
function mark(side, ok) {
  if (!ok && side.ok) side.since = now();
  if (ok) side.since = null;
  side.ok = ok;
}
function reloaded() {                 // once for each newer shell, whatever the server says
  try {
    if (Date.now() - Number(sessionStorage.getItem('wall-reload') || 0) < 600000) return true;
    sessionStorage.setItem('wall-reload', String(Date.now()));
    return false;
  } catch { return true; }
}

setInterval(look, Math.min(1000, PROBE));
probe();
