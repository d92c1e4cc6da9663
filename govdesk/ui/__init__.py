"""The frame and what pages are drawn with."""
