"""From a provider's file to rows that keep their contract: pull, read, scan, check, report. Linking is not here."""
