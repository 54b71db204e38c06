"""What is made by itself: linked rows and counts, once no delivery is on its way.

Not ``AutomationCondition.eager``: it waits for every partition, and one who has not delivered would stop it for ever.
https://docs.dagster.io/guides/automate/declarative-automation
"""

from __future__ import annotations

import dagster as dg

FOLLOWS_DELIVERIES = (
    dg.AutomationCondition.any_deps_updated().since(dg.AutomationCondition.newly_requested())
    & ~dg.AutomationCondition.any_deps_in_progress()
    & ~dg.AutomationCondition.in_progress()
).with_label("follows_deliveries")
