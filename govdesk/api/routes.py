"""The routes beside the pages; reserved by Streamlit are /_stcore/, /media/, /component/ and /static/."""

from starlette.routing import BaseRoute

ROUTES: list[BaseRoute] = []
