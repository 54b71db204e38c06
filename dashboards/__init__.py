"""What is seen: the site of a release, and pages of one reader each. Reads files; decides nothing of what is shown."""

from dashboards.private import build_school_pages
from dashboards.providers import build_provider_pages
from dashboards.report import write_report
from dashboards.site import build_site

__all__ = ["build_provider_pages", "build_school_pages", "build_site", "write_report"]
