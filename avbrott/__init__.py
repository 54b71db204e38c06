"""Avbrott: regional statistics on upper-secondary dropout, proven safe before it is published.

The library: contracts, delivery, linking, counting, disclosure control and the release. No Dagster in it; what runs
when stands in ``pipelines``, what exists stands in ``assets``, what is seen stands in ``dashboards``.
"""

__version__ = "0.1.0"
