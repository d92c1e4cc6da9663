"""The style of what is inside the tiles, and the grids of the scenes; the frame's own is in `frame_css`.

The grid element is ``.w-scene.<layout>``, a tile ``.w-tile.w-tile-<name>`` with ``.w-tile-body`` in it; colours are the
variables ``--gd-wall-…`` of `palette` (page, card, line, ink, muted, accent, class-0 … class-4, red, orange, yellow,
blue). Lengths are in ``vh``, on a standing screen too: the same seat, the same size. No text is under 1.65 vh.
``.w-wide`` is shown lying only, ``.w-tall`` standing only.
"""

_GRIDS = """
.w-one { grid-template: "main" 1fr / 1fr; }
.w-situation { grid-template: "new stock late back visits" 18.6vh "map map map news news" minmax(0, 1fr)
  "newest newest newest newest newest" 5.4vh
  / minmax(0, 1fr) minmax(0, 1fr) minmax(0, 1fr) minmax(0, 1fr) minmax(0, 1fr); }
.w-open { grid-template: "stock oldest units" minmax(0, 1.45fr) "stock fresh units" minmax(0, 1fr)
  "newest newest newest" 5.4vh / 46vh minmax(0, 1fr) 50vh; }
.w-loop { grid-template: "overdue rows calls" 21vh "stages rows calls" minmax(0, 1fr)
  "newest newest newest" 5.4vh / 38vh minmax(0, 1fr) 60vh; }
.w-trends { grid-template: "p0 p1 p2 findings" minmax(0, 1fr) "p3 p4 p5 findings" minmax(0, 1fr)
  "newest newest newest newest" 5.4vh / minmax(0, 1fr) minmax(0, 1fr) minmax(0, 1fr) 46vh; }
.w-warning { grid-template: "listed townships" 27vh "use townships" auto "worth townships" minmax(0, 1fr)
  "newest newest" 5.4vh / 66vh minmax(0, 1fr); }
.w-warning-none { grid-template: "use" auto "townships" minmax(0, 1fr) "newest" 5.4vh / minmax(0, 1fr); }
.w-quality { grid-template: "closed median returned waiting" 18.6vh "table table table table" minmax(0, 1fr)
  "newest newest newest newest" 5.4vh / minmax(0, 1fr) minmax(0, 1fr) minmax(0, 1fr) minmax(0, 1fr); }
.w-quality-none { grid-template: "table" minmax(0, 1fr) "newest" 5.4vh / minmax(0, 1fr); }
.w-alarm { grid-template: "alarm" minmax(0, 1fr) / minmax(0, 1fr); }
"""

_PARTS = """
.w-tall { display: none !important; }
.w-tile-head { margin-bottom: .5vh; }
.w-stack { height: 100%; min-height: 0; display: flex; flex-direction: column; gap: .9vh; }
.w-stack > .w-stack, .w-stack > .w-rows { flex: 1; height: auto; min-height: 0; }
.w-figure { height: 100%; display: flex; flex-direction: column; justify-content: center; }
.w-stack > .w-figure { height: auto; }
.w-fig { display: flex; align-items: baseline; gap: 1vh; white-space: nowrap; margin-bottom: .5vh; }
.w-num { font-size: 7vh; line-height: 1.02; font-weight: 700; letter-spacing: -.01em; }
.w-unit { font-size: 2.2vh; color: var(--gd-wall-muted); }
.w-sub { font-size: 1.8vh; line-height: 1.32; color: var(--gd-wall-muted); overflow: hidden; white-space: nowrap;
  text-overflow: ellipsis; flex: none; }
.w-sub.w-wrap { white-space: normal; }
.w-strong { font-size: 2.3vh; line-height: 1.35; flex: none; }
.w-subhead { font-size: 2.2vh; color: var(--gd-wall-muted); flex: none; margin-top: .6vh; white-space: nowrap; }
.w-red { color: var(--gd-wall-red); }
.w-nothing { height: 100%; display: flex; flex-direction: column; justify-content: center; gap: .6vh; }
.w-dash { font-size: 5vh; line-height: 1; color: var(--gd-wall-muted); }
.w-rows { height: 100%; display: grid; grid-auto-rows: minmax(0, 5.4vh); align-content: start; }
.w-row { display: grid; align-items: center; gap: 0 1.4vh; min-height: 0; font-size: 2.2vh; line-height: 1.2;
  border-bottom: 1px solid var(--gd-wall-line); }
.w-row:last-child { border-bottom: 0; }
.w-cell { min-width: 0; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
.w-head-row { color: var(--gd-wall-muted); font-size: 1.8vh; }
.w-stack > .w-heads { flex: none; height: 3vh; }
.w-range-block { flex: none; }
.w-range-block > .w-rows { height: auto; grid-auto-rows: 4.2vh; }
.w-columns { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0 4vh; }
.w-columns > .w-row:nth-last-child(2):nth-child(odd) { border-bottom: 0; }
.w-bar { position: relative; display: block; height: 1.5vh; background: var(--gd-wall-line); border-radius: .3vh;
  overflow: hidden; }
.w-bar i { position: absolute; left: 0; top: 0; bottom: 0; border-radius: .3vh; }
.w-bar-fill { background: var(--gd-wall-class-3); }
.w-bar-fill.w-red, .w-bar-part { background: var(--gd-wall-red); }
.w-bar-fill.w-muted { background: #5A6E84; }
.w-stack > .w-bar { flex: none; height: 2vh; }
.w-range { position: relative; display: block; height: 1.5vh; background: var(--gd-wall-line); border-radius: .3vh; }
.w-range i { position: absolute; top: 0; bottom: 0; }
.w-range-usual { background: var(--gd-wall-class-3); }
.w-range-mark { width: .55vh; margin-left: -.27vh; top: -.5vh !important; bottom: -.5vh !important;
  background: var(--gd-wall-ink); border-radius: .2vh; }
.w-news-rows > .w-row { grid-template-columns: 14vh 6vh minmax(0, 1fr) 8vh; }
.w-news-rows .w-cell:nth-child(2), .w-age-rows .w-cell:nth-child(n + 3), .w-unit-rows .w-cell:nth-child(n + 3),
.w-worth-rows .w-cell:nth-child(3) { text-align: right; font-weight: 700; }
.w-news-rows .w-cell:nth-child(3), .w-quality-rows .w-cell:nth-child(3) { overflow: visible; }
.w-news-rows .w-cell:nth-child(4), .w-age-rows .w-cell:nth-child(4) { text-align: right; font-size: 1.8vh;
  font-weight: 400; color: var(--gd-wall-muted); }
.w-age-rows > .w-row { grid-template-columns: 13.5vh minmax(0, 1fr) 6.4vh 6.6vh; }
.w-case-rows > .w-row { grid-template-columns: 11vh 13vh minmax(0, 1fr) 22vh; }
.w-tile-fresh .w-case-rows > .w-row { grid-template-columns: 13vh 13vh minmax(0, 1fr) 12vh; }
.w-case-rows .w-cell:last-child { text-align: right; color: var(--gd-wall-muted); }
.w-case-rows.w-late-rows > .w-row { grid-template-columns: 10.5vh 11vh minmax(0, 1fr) 20vh; }
.w-stage-rows > .w-row { grid-template-columns: 16.5vh minmax(0, 1fr) 6.6vh; }
.w-stage-rows .w-cell:nth-child(3) { text-align: right; font-weight: 700; }
.w-call-rows > .w-row { grid-template-columns: 9.4vh minmax(0, 1fr) 7vh 12.6vh; }
.w-call-rows .w-cell:last-child { text-align: right; }
.w-unit-rows > .w-row { grid-template-columns: 22.5vh minmax(0, 1fr) 6vh 6vh; }
.w-unit-rows > .w-head-row .w-cell { font-weight: 400 !important; }
.w-key-late { display: inline-block; width: 1.2vh; height: 1.2vh; margin-right: .5vh; border-radius: .2vh;
  background: var(--gd-wall-red); }
.w-worth-rows { grid-auto-rows: minmax(0, 4vh); }
.w-stack > .w-worth-rows { flex: 0 0 8.4vh; }
.w-worth-rows > .w-row { grid-template-columns: 20vh minmax(0, 1fr) 8vh; }
.w-township-rows > .w-row { grid-template-columns: 15vh minmax(0, 1fr) 13vh; }
.w-few { grid-auto-rows: minmax(0, 6.6vh); }
.w-few > .w-row { font-size: 2.8vh; grid-template-columns: 20vh minmax(0, 1fr) 13vh; }
.w-few .w-box { width: 3vh; height: 3vh; }
.w-few .w-boxes { gap: .9vh; }
.w-township-rows .w-cell:nth-child(3) { text-align: right; color: var(--gd-wall-muted); }
.w-quality-rows > .w-row { grid-template-columns: 15vh 7.6vh minmax(0, 1fr) 17vh 11vh; }
.w-quality-rows .w-cell:nth-child(2), .w-quality-rows .w-cell:nth-child(n + 4) { text-align: right; }
.w-of { color: var(--gd-wall-muted); font-size: 1.7vh; margin-left: .8vh; }
.w-boxes { display: flex; gap: .6vh; }
.w-box { flex: none; width: 1.9vh; height: 1.9vh; border: .28vh solid var(--gd-wall-class-4); border-radius: .35vh;
  box-sizing: border-box; }
.w-box-done { background: var(--gd-wall-class-4); }
.w-key { display: flex; align-items: center; gap: .8vh; font-size: 1.8vh; color: var(--gd-wall-muted); flex: none;
  white-space: nowrap; }
.w-key i:nth-of-type(2) { margin-left: 2vh; }
.w-key-now, .w-key-before { width: 4vh; height: .5vh; border-radius: .2vh; background: var(--gd-wall-accent); }
.w-key-before { background: #4A6078; }
.w-use { font-size: 2.5vh; line-height: 1.45; }
.w-sentences { display: flex; flex-flow: column wrap; gap: 1.8vh; flex: 1; min-height: 0; overflow: hidden; }
.w-sentences > * { flex: none; width: 100%; }
.w-sentence { font-size: 2.15vh; line-height: 1.4; }
.w-sentence:only-child { font-size: 3.2vh; }
.w-stack:has(.w-sentence + .w-sentence) > .w-range-block { display: none; }
.w-line { height: 100%; display: flex; flex-direction: column; gap: .5vh; }
.w-line-head { display: flex; align-items: center; gap: 1.8vh; flex: none; }
.w-line-head .w-num { font-size: 6vh; }
.w-line-box { flex: 1; min-height: 0; position: relative; }
.w-line-image { position: absolute; inset: 0; width: 100%; height: 100%; }
.w-dot { position: absolute; width: 1.2vh; height: 1.2vh; margin: -.6vh; border-radius: 50%;
  background: var(--gd-wall-ink); }
.w-line-head .w-sub { line-height: 1.25; }
.w-line-foot { display: flex; justify-content: space-between; flex: none; font-size: 1.65vh; line-height: 1.25;
  color: var(--gd-wall-muted); white-space: nowrap; }
"""

_MAP = """
.w-map { height: 100%; display: flex; gap: 1.6vh; }
.w-map-room { flex: 1; min-width: 0; container-type: size; display: grid; place-items: center; }
.w-map-sheet { position: relative; width: min(100cqw, calc(100cqh * var(--ratio))); }
.w-map-image { position: absolute; inset: 0; width: 100%; height: 100%; }
.w-map-name { position: absolute; transform: translate(-50%, -50%); font-size: 1.7vh; line-height: 1;
  white-space: nowrap; text-shadow: 0 0 .5vh #0B1320, 0 0 .4vh #0B1320, 0 0 .25vh #0B1320, 0 0 .25vh #0B1320; }
.w-legend { flex: none; width: 21vh; display: flex; flex-direction: column; justify-content: flex-end; gap: 1vh; }
.w-legend-classes { display: flex; flex-direction: column; gap: .5vh; }
.w-legend-entry { display: flex; align-items: center; gap: 1vh; font-size: 1.9vh; line-height: 1.2; }
.w-legend-entry i { flex: none; width: 3.4vh; height: 2vh; border: 1px solid #33475C; border-radius: .2vh; }
"""

_NEWEST = """
.w-tile-newest { flex-direction: row; align-items: center; gap: 2vh; padding: 0 1.6vh; }
.w-tile-newest .w-tile-head { align-items: center; }
.st-key-gd-wall .w-tile-newest h2 { color: var(--gd-wall-accent); font-weight: 700; white-space: nowrap; }
.w-tile-newest .w-nothing { flex-direction: row; align-items: center; justify-content: flex-start; height: auto; }
.w-tile-newest .w-dash { display: none; }
.w-run { overflow: hidden; }
.w-run-strip { display: flex; width: max-content; animation: w-run 80s linear infinite; }
.w-run-part { display: flex; flex: none; }
.w-run-item { display: flex; gap: 1.1vh; padding-right: 4.5vh; font-size: 2.1vh; line-height: 1.5;
  white-space: nowrap; }
.w-run-at, .w-run-what { color: var(--gd-wall-muted); }
.w-run-item b { font-weight: 700; }
@keyframes w-run { to { transform: translateX(-50%); } }
@media (prefers-reduced-motion: reduce) { .w-run-strip { animation: none; } }
"""

_ALARM = """
.w-tile-alarm { border: .6vh solid var(--gd-wall-red); }
.w-alarm-body { height: 100%; display: flex; flex-direction: column; justify-content: center; align-items: center;
  gap: 3vh; text-align: center; }
.w-alarm-where { font-size: min(15vh, 13vw); line-height: 1.1; font-weight: 700; color: var(--gd-wall-red); }
.w-alarm-what { font-size: min(7vh, 8vw); line-height: 1.1; font-weight: 700; }
.w-alarm-facts { display: flex; flex-wrap: wrap; justify-content: center; gap: 3vh 8vh; margin-top: 3vh; }
.w-label { font-size: 2.2vh; color: var(--gd-wall-muted); }
.w-alarm-fact { font-size: min(4.2vh, 5vw); line-height: 1.3; }
"""

_STANDING = """
@media (orientation: portrait) {
  .w-wide { display: none !important; }
  .w-tall { display: block !important; }
  .w-tile { padding: .9vh 1.3vh; }
  .w-tile-head { flex-wrap: wrap; gap: 0 1vh; }
  .st-key-gd-wall .w-tile-head h2 { white-space: nowrap; font-size: 2vh; }
  .w-stamp { font-size: 1.65vh; }
  .w-tile-head { margin-bottom: 0; }
  .w-stack { gap: .4vh; }
  .w-num { font-size: 4.7vh; }
  .w-fig { margin-bottom: .2vh; }
  .w-tile-late .w-sub + .w-sub, .w-tile-visits .w-sub + .w-sub { display: none; }
  .w-tile-late .w-unit, .w-tile-back .w-unit { display: none; }
  .w-sub, .w-head-row { font-size: 1.65vh; }
  .w-situation > .w-tile-late .w-sub, .w-situation > .w-tile-visits .w-sub, .w-nothing .w-sub { white-space: normal; }
  .w-tile-late, .w-tile-back, .w-tile-visits { padding: .9vh .8vh; }
  .w-tile-late .w-stamp, .w-tile-back .w-stamp { letter-spacing: -.03em; }
  .w-situation { grid-template: "new new new stock stock stock" 17vh "late late back back visits visits" 17vh
    "map map map map map map" minmax(0, 1fr) "news news news news news news" 16.4vh
    "newest newest newest newest newest newest" 5vh
    / minmax(0, 1fr) minmax(0, 1fr) minmax(0, 1fr) minmax(0, 1fr) minmax(0, 1fr) minmax(0, 1fr); }
  .w-situation .w-tile-news .w-stack > .w-stack, .w-situation .w-tile-news .w-sub { display: none; }
  .w-tile-map .w-legend { width: 17vh; gap: .5vh; }
  .w-legend > .w-sub:first-child { display: none; }
  .w-legend-entry { font-size: 1.65vh; }
  .w-legend-entry i { height: 1.5vh; }
  .w-legend-classes { gap: .2vh; }
  .w-row { font-size: 1.85vh; gap: 0 1vh; }
  .w-open { grid-template: "stock" 25.2vh "units" minmax(0, 1.5fr) "oldest" minmax(0, 1fr) "fresh" minmax(0, .84fr)
    "newest" 5vh / minmax(0, 1fr); }
  .w-open .w-tile-stock .w-stack { gap: .2vh; }
  .w-open .w-tile-stock .w-figure { flex-flow: row wrap; align-items: baseline; justify-content: flex-start;
    gap: 0 2.4vh; }
  .w-case-rows > .w-row { grid-template-columns: 9.6vh 8vh minmax(0, 1fr) 14.5vh; }
  .w-tile-fresh .w-case-rows > .w-row { grid-template-columns: 9.6vh 8vh minmax(0, 1fr) 10.6vh; }
  .w-loop { grid-template: "overdue stages" 26vh "rows rows" minmax(0, 1fr) "calls calls" 22vh "newest newest" 5vh
    / minmax(0, 1fr) minmax(0, 1.6fr); }
  .w-loop .w-tile-overdue .w-sub { white-space: normal; }
  .w-case-rows.w-late-rows > .w-row { grid-template-columns: 8vh 8vh minmax(0, 1fr) 15vh; }
  .w-stage-rows > .w-row { grid-template-columns: 13vh minmax(0, 1fr) 5vh; }
  .w-call-rows > .w-row { grid-template-columns: 8vh minmax(0, 1fr) 8vh 12vh; }
  .w-unit-rows > .w-row { grid-template-columns: 17vh minmax(0, 1fr) 6vh 6vh; }
  .w-trends { grid-template: "p0 p1" minmax(0, 1fr) "p2 p3" minmax(0, 1fr) "p4 p5" minmax(0, 1fr)
    "findings findings" 22vh "newest newest" 5vh / minmax(0, 1fr) minmax(0, 1fr); }
  .w-trends > .w-tile:not(:first-child) > .w-tile-note { display: none; }
  .w-trends:has(.w-sentence + .w-sentence) {
    grid-template-rows: minmax(0, 1fr) minmax(0, 1fr) minmax(0, 1fr) 29vh 5vh; }
  .w-trends:has(.w-sentence + .w-sentence) :is(.w-line-foot, .w-sub.w-wrap) { display: none; }
  .w-line-head .w-num { font-size: 4.2vh; }
  .w-line { gap: .2vh; }
  .w-sentences { gap: .9vh; }
  .w-sentence { font-size: 1.9vh; line-height: 1.34; }
  .w-sentence:only-child { font-size: 2.5vh; }
  .w-warning { grid-template: "listed use" 20vh "worth worth" 26.5vh "townships townships" minmax(0, 1fr)
    "newest newest" 5vh / minmax(0, 1fr) minmax(0, 1.35fr); }
  .w-use { font-size: 1.95vh; line-height: 1.36; }
  .w-strong { font-size: 2vh; }
  .w-township-rows > .w-row { grid-template-columns: 8.6vh minmax(0, 1fr) 8.6vh; }
  .w-box { width: 1.4vh; height: 1.4vh; border-width: .22vh; }
  .w-boxes { gap: .3vh; }
  .w-few { grid-auto-rows: minmax(0, 3.6vh); }
  .w-few > .w-row { font-size: 2vh; grid-template-columns: 10vh minmax(0, 1fr) 9vh; }
  .w-few .w-box { width: 1.7vh; height: 1.7vh; }
  .w-columns { gap: 0 2.4vh; }
  .w-quality { grid-template: "closed median" 17vh "returned waiting" 17vh "table table" minmax(0, 1fr)
    "newest newest" 5vh / minmax(0, 1fr) minmax(0, 1fr); }
  .w-quality-rows > .w-row { grid-template-columns: minmax(0, 1fr) 4.4vh 6vh 5.6vh; font-size: 1.65vh; gap: 0 .4vh; }
  .w-columns { gap: 0 2vh; }
  .w-quality-rows .w-cell:nth-child(3) { display: none; }
  .w-of { margin: 0; color: inherit; font-size: inherit; }
  .w-has-of > .w-share { display: none; }
  .w-tile-newest { gap: 1.4vh; padding: 0 1.3vh; }
  .w-tile-newest .w-tile-head { display: grid; gap: 0; line-height: 1.15; }
}
"""

CSS = _GRIDS + _PARTS + _MAP + _NEWEST + _ALARM + _STANDING
