"""Draws a weekly brief 研判周报: PDF, Word, charts and maps. What it says is written in `queries.brief_text`."""
