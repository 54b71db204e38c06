"""Disclosure control: what must not be known (rules), what is hidden for it (hide), the proof (witness), the proof's checker.

The model, the promise and the attacker are explained in ``docs/promise.md`` and ``docs/method.md``. Not here: contracts and
counting, which make the cells, and the release, which writes what may be seen.
"""
