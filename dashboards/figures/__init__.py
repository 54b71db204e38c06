"""Figures as Plotly's own JSON, made with plotly.py from a grid. Drawing them is ``static/charts.js``'s matter."""
