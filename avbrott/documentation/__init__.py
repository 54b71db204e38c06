"""Pages generated from the contracts: ``docs/glossary.md`` and ``docs/contracts/``.

One source a fact, so nothing is written here that a contract or ``contracts/texts/documentation.yaml`` does not say.

``pages`` makes them, ``written`` puts them in place or compares, ``python -m avbrott.documentation`` does one or the other.
"""
