"""The only writer of public files, and what reads them back: writer, ledger of earlier releases, audit. It fails closed.

Not here: which cells are shown (``disclosure``), what is counted (``counting``), how it is drawn (``dashboards``).
"""
