"""The style of our own components (cards, tables, facts, timeline), from the tokens of `palette`."""

from govdesk import palette

CSS = f"""
.gd-link {{ color: {palette.LINK}; text-decoration: none; }}
.gd-link:hover, .gd-link:focus {{ text-decoration: underline; }}
.gd-panel-title span {{ font-weight: 400; margin-left: .667rem; }}
.gd-panel-title {{ margin-bottom: 0; }}
[class*="st-key-gd-panel"] {{ background: {palette.CARD}; gap: .667rem; padding: .933rem 1.07rem; }}
.stHtml .gd-facts, .stHtml .gd-timeline, .stHtml .gd-hits, .stHtml .gd-sentences {{ padding-left: 0; margin: 0; }}
.stHtml p {{ margin: 0; }}
/* No last line of one character or one word. */
.stHtml p, .stHtml li, .stHtml td, .gd-small, .gd-muted {{ text-wrap-style: pretty; }}
.st-key-gd-panel-register {{ max-width: 64rem; }}
.gd-way {{ font-size: 1.07rem; }}

.gd-sentences {{ list-style: none; margin: 0; padding: 0; }}
.gd-sentences li {{
  border-bottom: 1px solid {palette.LINE}; padding: .667rem 0; font-size: 1.2rem; line-height: 1.5; margin: 0;
}}
.gd-sentences li:last-child {{ border-bottom: 0; padding-bottom: 2px; }}
.gd-sentences b {{ font-variant-numeric: tabular-nums; }}
.gd-sentences .gd-link {{ font-size: .933rem; white-space: nowrap; margin-left: .667rem; }}
.gd-sentences .gd-code, .gd-table .gd-code {{ font-size: .733rem; margin-left: .2rem; color: {palette.MUTED}; }}
.gd-sentences sup, .gd-table sup {{ line-height: 1; }}
.gd-brief-table {{ font-size: 1rem; font-weight: 600; margin: 1.2rem 0 .267rem; padding: 0; }}

.gd-cards {{ display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: .8rem; }}
.gd-cards-4 {{ grid-template-columns: repeat(4, minmax(0, 1fr)); }}
.gd-cards .gd-card {{ min-width: 0; }}
.gd-card-title {{ font-size: .9rem; color: {palette.MUTED}; }}
.gd-figure {{ font-size: 1.8rem; font-weight: 700; line-height: 1.3; font-variant-numeric: tabular-nums; }}
.gd-unit {{ font-size: 1.13rem; font-weight: 600; }}
.gd-spark {{ display: block; max-width: 100%; }}
@media (min-width: 2800px) {{ .gd-spark {{ zoom: 2; }} }}
td .gd-spark {{ display: inline-block; vertical-align: middle; }}

.gd-scroll {{ overflow-x: auto; max-width: 100%; }}
.gd-table {{ width: 100%; border-collapse: collapse; font-size: .933rem; border: 0; margin: 0; }}
.gd-table th {{
  text-align: left; color: {palette.MUTED}; font-weight: 600; font-size: .867rem; padding: .4rem .667rem;
  white-space: nowrap; border: 0; border-bottom: 1px solid {palette.LINE};
}}
.gd-table td {{
  padding: .533rem .667rem; border: 0; border-bottom: 1px solid {palette.LINE}; vertical-align: top;
  overflow-wrap: anywhere; line-height: 1.45;
}}
.gd-table th:first-child, .gd-table td:first-child {{ padding-left: 0; }}
.gd-table th:last-child, .gd-table td:last-child {{ padding-right: 0; }}
.gd-table tr:last-child td {{ border-bottom: 0; }}
.gd-table .gd-num {{ text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }}
.gd-table .gd-whole {{ white-space: nowrap; }}

.gd-facts {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(7.87rem, 1fr)); gap: .8rem 1.33rem;
  margin: 0; }}
/* Six to eight facts of a clock in two even rows: none of them stands alone on the second. */
@media (min-width: 641px) {{
  .st-key-gd-panel-clock .gd-facts:has(> :nth-child(6)) {{ grid-template-columns: repeat(3, minmax(0, 1fr)); }}
  .st-key-gd-panel-clock .gd-facts:has(> :nth-child(7)) {{ grid-template-columns: repeat(4, minmax(0, 1fr)); }}
}}
.gd-facts dt {{ font-size: .867rem; color: {palette.MUTED}; font-weight: 400; }}
.gd-facts dd {{ margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }}

.gd-timeline {{ list-style: none; margin: 0; padding: 0; }}
.gd-timeline li {{
  display: grid; grid-template-columns: 9.33rem 1fr; gap: 1.07rem; padding: 0 0 1.2rem 1.2rem; margin: 0 0 0 .333rem;
  border-left: 2px solid {palette.LINE}; position: relative;
}}
.gd-timeline li::before {{
  content: ""; position: absolute; left: -.4rem; top: .4rem; width: .667rem; height: .667rem; border-radius: 50%;
  background: {palette.ACCENT};
}}
.gd-timeline li:last-child {{ border-left-color: transparent; }}
.gd-when {{ color: {palette.MUTED}; font-variant-numeric: tabular-nums; white-space: nowrap; }}
.gd-late {{ color: {palette.BAND_RED}; }}
.gd-timeline .gd-late {{ color: {palette.BAND_ORANGE}; }}

.gd-heading {{ display: flex; flex-wrap: wrap; align-items: baseline; gap: .267rem .8rem; margin-bottom: .8rem; }}
.gd-incident-title {{ font-size: 1.33rem; font-weight: 700; margin: 0; padding: 0; }}
.gd-chip {{
  border: 1px solid {palette.LINE}; border-radius: .267rem; padding: 1px .533rem; font-size: .867rem;
  background: {palette.PAGE};
}}
.gd-chip-late {{ border-color: {palette.BAND_RED}; color: {palette.BAND_RED}; font-weight: 600; }}

.gd-empty {{ color: {palette.MUTED}; padding: .667rem 0; margin: 0; }}
.gd-hits {{ list-style: none; margin: 0; padding: 0; }}
.gd-hits li {{ padding: .333rem 0; border-bottom: 1px solid {palette.LINE}; line-height: 1.4; margin: 0;
  font-size: .933rem; }}

@media (max-width: 1180px) {{ .gd-cards-6 {{ grid-template-columns: repeat(3, minmax(0, 1fr)); }} }}
@media (max-width: 640px) {{
  .gd-cards, .gd-cards-4, .gd-cards-6 {{ grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .533rem; }}
  .gd-cards .gd-card {{ padding: .667rem .8rem; }}
  .gd-figure {{ font-size: 1.6rem; }}
  .gd-wide {{ display: none; }}
  .gd-sentences li {{ font-size: 1.07rem; }}
  .gd-sentences .gd-link {{ display: inline-block; margin-left: 0; padding: .267rem 0; }}
  .gd-table td {{ padding: .533rem .4rem; }}
  .gd-table th {{ padding: .4rem; }}
  .gd-timeline li {{ grid-template-columns: 1fr; gap: 2px; }}
}}
"""
