"""The style of our own components (cards, tables, facts, timeline), from the tokens of `palette`."""

from govdesk import palette

CSS = f"""
.gd-link {{ color: {palette.LINK}; text-decoration: none; }}
.gd-link:hover, .gd-link:focus {{ text-decoration: underline; }}
.gd-panel-title span {{ font-weight: 400; margin-left: 10px; }}
.gd-panel-title {{ margin-bottom: 0; }}
[class*="st-key-gd-panel"] {{ background: {palette.CARD}; gap: 10px; padding: 14px 16px; }}
.stHtml .gd-facts, .stHtml .gd-timeline, .stHtml .gd-hits, .stHtml .gd-sentences {{ padding-left: 0; margin: 0; }}
.stHtml p {{ margin: 0; }}
.st-key-gd-panel-register {{ max-width: 960px; }}
.gd-way {{ font-size: 16px; }}

.gd-sentences {{ list-style: none; margin: 0; padding: 0; }}
.gd-sentences li {{
  border-bottom: 1px solid {palette.LINE}; padding: 10px 0; font-size: 18px; line-height: 1.5; margin: 0;
}}
.gd-sentences li:last-child {{ border-bottom: 0; padding-bottom: 2px; }}
.gd-sentences b {{ font-variant-numeric: tabular-nums; }}
.gd-sentences .gd-link {{ font-size: 14px; white-space: nowrap; margin-left: 10px; }}

.gd-cards {{ display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 12px; }}
.gd-cards-4 {{ grid-template-columns: repeat(4, minmax(0, 1fr)); }}
.gd-cards .gd-card {{ min-width: 0; }}
.gd-card-title {{ font-size: 13.5px; color: {palette.MUTED}; }}
.gd-figure {{ font-size: 27px; font-weight: 700; line-height: 1.3; font-variant-numeric: tabular-nums; }}
.gd-unit {{ font-size: 17px; font-weight: 600; }}
.gd-spark {{ display: block; max-width: 100%; }}
td .gd-spark {{ display: inline-block; vertical-align: middle; }}

.gd-scroll {{ overflow-x: auto; max-width: 100%; }}
.gd-table {{ width: 100%; border-collapse: collapse; font-size: 14px; border: 0; margin: 0; }}
.gd-table th {{
  text-align: left; color: {palette.MUTED}; font-weight: 600; font-size: 13px; padding: 6px 10px; white-space: nowrap;
  border: 0; border-bottom: 1px solid {palette.LINE};
}}
.gd-table td {{
  padding: 8px 10px; border: 0; border-bottom: 1px solid {palette.LINE}; vertical-align: top; overflow-wrap: anywhere;
  line-height: 1.45;
}}
.gd-table th:first-child, .gd-table td:first-child {{ padding-left: 0; }}
.gd-table th:last-child, .gd-table td:last-child {{ padding-right: 0; }}
.gd-table tr:last-child td {{ border-bottom: 0; }}
.gd-table .gd-num {{ text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }}

.gd-facts {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(118px, 1fr)); gap: 12px 20px; margin: 0; }}
.gd-facts dt {{ font-size: 13px; color: {palette.MUTED}; font-weight: 400; }}
.gd-facts dd {{ margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }}

.gd-timeline {{ list-style: none; margin: 0; padding: 0; }}
.gd-timeline li {{
  display: grid; grid-template-columns: 140px 1fr; gap: 16px; padding: 0 0 18px 18px; margin: 0 0 0 5px;
  border-left: 2px solid {palette.LINE}; position: relative;
}}
.gd-timeline li::before {{
  content: ""; position: absolute; left: -6px; top: 6px; width: 10px; height: 10px; border-radius: 50%;
  background: {palette.ACCENT};
}}
.gd-timeline li:last-child {{ border-left-color: transparent; }}
.gd-when {{ color: {palette.MUTED}; font-variant-numeric: tabular-nums; white-space: nowrap; }}
.gd-late {{ color: {palette.BAND_ORANGE}; }}

.gd-heading {{ display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 12px; margin-bottom: 12px; }}
.gd-incident-title {{ font-size: 20px; font-weight: 700; margin: 0; padding: 0; }}
.gd-chip {{
  border: 1px solid {palette.LINE}; border-radius: 4px; padding: 1px 8px; font-size: 13px; background: {palette.PAGE};
}}
.gd-chip-late {{ border-color: {palette.BAND_ORANGE}; color: {palette.BAND_ORANGE}; font-weight: 600; }}

.gd-empty {{ color: {palette.MUTED}; padding: 10px 0; margin: 0; }}
.gd-hits {{ list-style: none; margin: 0; padding: 0; }}
.gd-hits li {{ padding: 5px 0; border-bottom: 1px solid {palette.LINE}; line-height: 1.4; margin: 0; font-size: 14px; }}

@media (max-width: 1180px) {{ .gd-cards-6 {{ grid-template-columns: repeat(3, minmax(0, 1fr)); }} }}
@media (max-width: 640px) {{
  .gd-cards, .gd-cards-4, .gd-cards-6 {{ grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px; }}
  .gd-cards .gd-card {{ padding: 10px 12px; }}
  .gd-figure {{ font-size: 24px; }}
  .gd-wide {{ display: none; }}
  .gd-sentences li {{ font-size: 16px; }}
  .gd-sentences .gd-link {{ display: inline-block; margin-left: 0; padding: 4px 0; }}
  .gd-table td {{ padding: 8px 6px; }}
  .gd-table th {{ padding: 6px; }}
  .gd-timeline li {{ grid-template-columns: 1fr; gap: 2px; }}
}}
"""
