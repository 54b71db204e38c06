"""What is out of the ordinary in counts of deliveries, watched by Great Expectations. Never rows of persons.

``contract`` says what is watched, ``frames`` counts it from the store, ``suites`` holds the counts against the contract.
Great Expectations takes ten seconds to import, so only ``suites`` does, when it is called.
"""
