"""Looking after an installation: what is late, stuck, full or about to expire."""
