"""What changed between two sets of contracts, and for whom it breaks: ``avbrott contracts diff``.

``compare`` reads both sides; ``extracts``, ``terms`` and ``published`` find the changes, ``told`` tells them.
"""
