"""Figures as Plotly's own JSON, made from a grid. Drawing them is ``static/charts.js``'s matter."""
