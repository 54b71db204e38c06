"""Who a row is about: identity numbers, and the pseudonyms that replace them at the provider and again at the hub."""
