"""A script for every page: a window whose sign-in ended elsewhere leaves by itself, and shows no longer what it showed.

The pages look at each run on the server; this is for the window that nobody touches. The window in which somebody signs
out says so (``govdeskLeaving``, `ui.session.go_to_login`) and goes by itself: led there twice, it came now and then
with the page it had shown.
"""

import json

#: Seconds between two looks of an open window; coming back to it, or signing out beside it, is a look at once.
SECONDS = 15

_SCRIPT = """<script>(()=>{const base=%(base)s,embedded=location.search.includes('embed=true');let gone=false;
const look=()=>{if(gone||window.govdeskLeaving||document.hidden)return;
fetch(base+'/login/state',{cache:'no-store'}).then(answer=>{if(answer.status!==401||window.govdeskLeaving)return;
gone=true;if(embedded)location.reload();else location.replace(base+'/login?next='
+encodeURIComponent(location.pathname.slice(base.length)+location.search))}).catch(()=>{})};
setInterval(look,%(pause)d);addEventListener('focus',look);document.addEventListener('visibilitychange',look);
new BroadcastChannel('govdesk-sign-in').onmessage=look})()</script>"""


def build_watch(base: str = "") -> str:
    """Return the script element; `base` is the path under which the application is served."""
    root = f"/{base.strip('/')}" if base.strip("/") else ""
    return _SCRIPT % {"base": json.dumps(root), "pause": SECONDS * 1000}
