"""What a provider fills in: templates of extracts, the questionnaire of one that joins, and what its answers say.

Each is made from the contracts alone, and equal contracts give equal bytes (``workbook``).
"""
