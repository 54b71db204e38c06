"""The still of a figure: what Plotly will draw of it, drawn already, so that a reader sees it before the script is there.

A script of some megabytes takes a telephone or a small computer seconds to read. The still is made of the very same figure,
holds no value that the figure has not, and stays where no script runs. Texts, the signs of numbers and the names of colours
are the figure's own.
"""

from __future__ import annotations

from typing import Any

from dashboards.stills.flows import flows
from dashboards.stills.plane import plane
from dashboards.stills.rows import rows


def still(figure: dict[str, Any], name: str) -> str:
    """``figure``, in the form of Plotly and called ``name`` on its page, as HTML with SVG in it; as high as the figure."""
    first = figure["data"][0]
    if first["type"] == "sankey":
        drawn = flows(figure)
    elif first.get("orientation") == "h":
        drawn = rows(figure, name)
    else:
        drawn = plane(figure, name)
    return f'<div class="still">{drawn}</div>'
