"""Servers on loopback that deliveries are laid at and fetched from: a real OpenSSH, moto's S3, and pages of links."""
