"""What exists: one file a layer, in the order of the flow. An asset's body calls one function of the library.

delivered -> accepted -> linked -> counted -> protected -> released. Each layer's rows lie in the store under ``--home``; what
Dagster keeps of them is counts, codes and durations, never a row.
"""

import warnings

from dagster_shared.utils.warnings import BetaWarning

# Dagster is pinned; that one of its parameters is beta is nothing to tell whoever runs a command.
warnings.filterwarnings("ignore", message="Parameter `backfill_policy`", category=BetaWarning)
