"""Servers on loopback that deliveries are laid at: a real OpenSSH, and moto's S3."""
