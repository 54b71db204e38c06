"""An invented county: pupils, what happens to them, and what providers deliver of it. Nothing here reads a delivery."""
