"""How long rows of persons are kept, and what is left when they are erased: counts, findings, records and receipts.

``needs`` says how long published figures need them, ``plan`` what is due, ``erase`` does it; ``erased`` and ``closed`` are
what the rest of the program asks: which deliveries are gone, and which school years are counted by what was kept of them.
"""
