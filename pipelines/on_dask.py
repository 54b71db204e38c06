"""The code location for a cluster of Dask's workers that share the home: the same definitions, run by Dask's executor.

It needs the extra ``dask``: ``dagster dev -m pipelines.on_dask``. docs/scaling.md.
"""

from __future__ import annotations

from dagster_dask import dask_executor

from pipelines.definitions import build_defs

defs = build_defs(executor=dask_executor)
