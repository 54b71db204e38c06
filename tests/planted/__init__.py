"""Values that are identities and values that are none, written from knowledge of registers and apart from the scanner."""
