"""The first start on an empty machine: a home with its settings, keys and folders, and what to type next."""
