"""Charts as stills: a figure in the form of Plotly drawn as SVG when the site is built, until its script is there."""
