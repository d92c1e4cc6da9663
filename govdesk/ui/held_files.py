"""How much memory the files hold that were chosen on pages and are not read or taken away yet."""

from collections.abc import Iterable

from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx


def measure_files(session_id: str, numbers: Iterable[str]) -> dict[str, int]:
    """Return the bytes of each of these files of a session; one that is gone is left out."""
    found = Runtime.instance().uploaded_file_mgr.get_files(session_id, list(numbers))
    return {one.file_id: len(one.data) for one in found}


def release_file(chosen: object) -> None:
    """Let go of a file that was chosen on the page of this run and is kept elsewhere now: Streamlit never would.

    What was not chosen through a page is left alone.
    """
    context, number = get_script_run_ctx(), getattr(chosen, "file_id", None)
    if context is not None and number is not None and isinstance(
            context.uploaded_file_mgr, MemoryUploadedFileManager):
        context.uploaded_file_mgr.remove_file(context.session_id, number)
