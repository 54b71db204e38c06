"""From linked rows of persons to true counts: base cells in one pass, then every table from the base cells."""
