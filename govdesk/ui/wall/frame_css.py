"""The style of the wall's frame; it stands in the page itself (`api.page_start`), before Streamlit's program runs.

Everything is measured in ``vh``, so that a wall of 1080, 2160 or 1920 lines looks the same from the same seat. What is
wide is bounded by ``vw`` too: a standing screen is narrow.
"""

from functools import cache

from govdesk.ui.wall.scene_css import CSS

_CHROME = """
html, body, #root, .stApp { background: var(--gd-wall-page) !important; overflow: hidden; }
[data-testid="stHeader"], [data-testid="stSidebar"], [data-testid="stSidebarCollapsedControl"],
[data-testid="stToolbar"], [data-testid="stDecoration"], [data-testid="stStatusWidget"], [data-testid="stBottom"],
[data-testid="stConnectionStatus"], [data-testid="stSkeleton"], [data-testid="stAppSkeleton"],
[data-testid="stSpinner"], [data-testid="stToast"], [data-testid="stDialog"], [data-testid="stModal"],
[role="dialog"], [data-baseweb="modal"], [data-testid="stExpandSidebarButton"], .stAppDeployButton, footer {
  display: none !important; }
[data-testid="stMain"] { overflow: hidden !important; }
[data-stale="true"] { opacity: 1 !important; transition: none !important; }
"""

_FRAME = """
.st-key-gd-wall { position: fixed; inset: 0; width: 100vw !important; height: 100vh !important;
  max-width: none !important; display: flex; flex-direction: column; gap: 0 !important;
  align-items: stretch !important;
  background: var(--gd-wall-page); color: var(--gd-wall-ink); overflow: hidden; line-height: 1.35;
  font-size: 2.2vh; font-variant-numeric: tabular-nums; cursor: none; }
.st-key-gd-wall [data-testid="stElementContainer"], .st-key-gd-wall .stHtml, .st-key-gd-wall [data-testid="stHtml"] {
  display: contents; }
.st-key-gd-wall :where(h1, h2, h3, p, ol, ul, li, dl, dt, dd, table, td, th) { margin: 0; padding: 0; color: inherit;
  font: inherit; letter-spacing: 0; list-style: none; border: 0; }
.w-head { flex: none; padding: 0 1.6vh; }
.w-first { height: 6.2vh; display: flex; align-items: center; gap: min(1.8vh, 2vw); white-space: nowrap; }
h1.w-title { font-size: min(3.5vh, 4.6vw); font-weight: 700; overflow: hidden;
  text-overflow: ellipsis; min-width: 0; }
.w-mark { background: var(--gd-wall-mark); color: var(--gd-wall-mark-ink); font-size: 1.8vh; font-weight: 700;
  padding: .2vh .9vh; border-radius: .5vh; }
.w-clock { margin-left: auto; font-size: min(3.2vh, 4.2vw); font-weight: 700; }
.w-second, .w-notice { height: 3.8vh; display: flex; align-items: center; gap: 2.4vh; font-size: 1.8vh;
  white-space: nowrap; overflow: hidden; margin-bottom: .6vh; }
.w-second { color: var(--gd-wall-muted); }
ol.w-names { margin: 0; padding: 0; display: flex; gap: 0 2.2vh; min-width: 0; }
li.w-name { padding: .2vh 0; border-bottom: .3vh solid transparent; }
li.w-name[aria-current] { color: var(--gd-wall-accent); font-weight: 700;
  border-color: var(--gd-wall-accent); }
.w-state { color: var(--gd-wall-mark-ink); font-weight: 700; }
.w-alert { color: var(--gd-wall-page); background: var(--gd-wall-red); font-weight: 700; padding: .2vh 1vh;
  border-radius: .5vh; }
.w-as-of { margin-left: auto; }
.w-notice { background: var(--gd-wall-mark); color: var(--gd-wall-mark-ink); font-weight: 700; font-size: 2vh;
  padding: 0 1.4vh; border-radius: .7vh; }
.w-scene { flex: 1; min-height: 0; display: grid; gap: 1.2vh; padding: .2vh 1.6vh 1.6vh; }
.w-tile { min-width: 0; min-height: 0; overflow: hidden; display: flex; flex-direction: column; padding: 1.3vh 1.6vh;
  background: var(--gd-wall-card); border: 1px solid var(--gd-wall-line); border-radius: .9vh; }
.w-tile-head { flex: none; display: flex; align-items: baseline; justify-content: space-between; gap: 1.2vh; }
h2.w-tile-title { font-size: 2.2vh; font-weight: 400; white-space: nowrap; color: var(--gd-wall-muted); }
.w-stamp { font-size: 1.7vh; color: var(--gd-wall-muted); white-space: nowrap; }
.w-tile-body { flex: 1; min-height: 0; overflow: hidden; }
.w-tile-note { flex: none; font-size: 1.7vh; color: var(--gd-wall-muted); }
.w-late .w-tile-body { filter: grayscale(1); }
.st-key-gd-wall .w-late .w-tile-body * { color: var(--gd-wall-muted) !important; }
.w-late { background: var(--gd-wall-page); border-style: dashed; border-color: var(--gd-wall-muted); }
.w-late .w-stamp { color: var(--gd-wall-orange); font-weight: 700; }
.w-message { flex: 1; display: grid; place-items: center; padding: 6vh 6vw; text-align: center; font-size: 3vh; }
.w-pulse { display: none; }
.w-urgent { grid-template: "main" 1fr / 1fr; }
.w-tile-urgent { border: .6vh solid var(--gd-wall-red); }
@media (orientation: portrait) {
  .w-first { flex-wrap: wrap; align-content: center; gap: 0 2vw; line-height: 1.2; }
  h1.w-title { flex: 0 0 100%; font-size: min(2.3vh, 4vw); line-height: 1.45; }
  .w-clock { font-size: min(2.2vh, 3.8vw); }
  .w-mark { padding: 0 .9vh; }
  .w-second, .w-notice { height: 7vh; flex-wrap: wrap; gap: 0 1.6vh; align-content: center; white-space: normal; }
  .w-as-of { margin-left: 0; }
}
"""


@cache
def build_wall_style() -> str:
    """Return the style element of the wall."""
    sheet = " ".join((_CHROME + _FRAME + CSS).split())
    return f"<style>{sheet}</style>"
