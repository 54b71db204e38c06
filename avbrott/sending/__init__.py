"""What a provider has prepared, checked once more, sealed and laid at the receiver.

How it is sealed is ``sealing``'s, how it is carried ``transport``'s.
"""
