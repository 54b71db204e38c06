"""Who may see what besides the public: accounts, sessions, the log of what was done, and the server of the pages.

Not here: what the pages of a release say (``dashboards``), and what a delivery must be (``delivery``).
"""
