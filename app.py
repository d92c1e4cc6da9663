"""The application: the pages behind `govdesk/ui/main.py`, and the routes that give the map its shapes.

Served by ``python manage.py serve`` (which is ``streamlit run app.py``) or by ``uvicorn app:app``; one process,
for the sessions live in it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from govdesk import logs
from govdesk.actions.backup_tick import backing_up
from govdesk.actions.change_password import announce_first_password
from govdesk.actions.deliver_webhooks import delivering
from govdesk.actions.photos import tidy_photos
from govdesk.actions.seal_tick import sealing
from govdesk.actions.uploads import tidy_uploads
from govdesk.actions.urge_tick import urging
from govdesk.api.door_watch import build_watch
from govdesk.api.gate import Gate
from govdesk.api.measuring import Measuring
from govdesk.api.page_start import PageStart
from govdesk.api.routes import ROUTES
from govdesk.api.security_headers import SecurityHeaders
from govdesk.api.slow_headers import bound_heads
from govdesk.api.state import build_link
from govdesk.api.unknown_pages import UnknownPages
from govdesk.api.upload_bound import UploadBound
from govdesk.settings import ROOT, get_settings
from govdesk.storage.database_watch import watching
from govdesk.storage.index_rebuild import mend_indexes
from govdesk.storage.reference_check import check_reference
from govdesk.ui.faults import draw_error
from govdesk.ui.held_files import measure_files
from govdesk.ui.menu import list_paths
from govdesk.ui.offered import watch_widgets
from govdesk.ui.theme import build_style
from govdesk.ui.wall.frame_css import build_wall_style
from govdesk.ui.warm_up import warm_up


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Get ready before the first visitor."""
    bound_heads()
    check_reference()
    warm_up()
    watch_widgets()
    logs.set_up(get_settings().log_format)
    mend_indexes()
    tidy_uploads()
    tidy_photos()
    announce_first_password()
    with sealing(), delivering(), urging(), backing_up(), watching():
        yield


#: Streamlit's own programs, of which pages with a map announce one.
SCRIPTS = Path(st.__file__).parent / "static" / "static" / "js"
BASE = st.get_option("server.baseUrlPath") or ""

app = st.App(
    ROOT / "govdesk" / "ui" / "main.py",
    routes=ROUTES,
    middleware=[
        Middleware(Measuring, routes=ROUTES, pages=list_paths()),
        Middleware(SecurityHeaders),
        Middleware(Gate, base=BASE, address=st.get_option("server.address") or ""),
        Middleware(UploadBound, measure=measure_files, base=BASE),
        Middleware(PageStart, pages=list_paths(), style=build_style(), scripts=SCRIPTS, base=BASE,
                   watch=build_watch(BASE), framed=build_link(BASE), embedded={"wall_screen": build_wall_style()}),
        Middleware(UnknownPages, pages=list_paths(), routes=ROUTES, base=BASE),
    ],
    on_script_error=draw_error,
    lifespan=lifespan,
)
