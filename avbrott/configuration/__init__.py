"""What a hub is set up by, looked at when a command starts: contracts, settings of the home, keys, accounts."""
