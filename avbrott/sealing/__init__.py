"""Sealed deliveries: one extract of one provider and term, signed by the provider and encrypted to the hub.

The keys, the package, what it is packed in, sealing and opening. Sending is ``transport``'s,
receiving ``delivery.reception``'s. Nothing here touches a disk but the files of keys.
"""
