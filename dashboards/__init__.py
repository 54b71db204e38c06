"""What is seen: the static site of a release. Reads released files and contracts' texts; what may be shown is decided before."""

from dashboards.site import build_site

__all__ = ["build_site"]
