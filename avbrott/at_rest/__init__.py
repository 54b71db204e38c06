"""What lies in the store at row level is encrypted, and this package is the only door to it.

``vault`` has the key and says what a file is called under it, ``container`` what an encrypted file looks like, ``files`` read
and writes them, ``tables`` lends them to DuckDB and writes what a query finds, ``rotation`` gives a store another key. Why it
is done in this way: ``docs/decisions/the-store-is-encrypted-file-by-file.md``. Not here: what the files hold, and deliveries
that came sealed, which are kept as they came.
"""
