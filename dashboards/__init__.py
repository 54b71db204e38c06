"""What is seen: the static site of a release. Reads released files and contracts' texts; decides nothing of what is shown."""

from dashboards.site import build_site

__all__ = ["build_site"]
