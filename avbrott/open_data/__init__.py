"""Open data: a release's tables in the formats that others read. Made from the public files alone, once these are written.

``cube`` is one table in memory; a module a format beside it; ``downloads`` writes them into a release, ``verify`` reads them
back. ``history`` is all releases together; ``permalinks`` writes what tells of them, ``dcat`` what a data portal reads.
"""
