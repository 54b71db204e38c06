"""Any table protected: a file and a SPEC in, a folder out that anyone can check. The engine is ``disclosure``'s.

Not here: the pipeline's own tables, which come from contracts (``counting``) and leave as a release (``release``).
"""
