"""What exists: one file a layer, in the order of the flow. An asset's body calls one function of the library.

delivered -> accepted -> linked -> counted -> protected -> released. Each layer's rows lie in the store under ``--home``; what
Dagster keeps of them is counts, codes and durations, never a row.
"""
