"""Starlette routes beside the pages."""
