"""Bytes: chunks in the database, leases on uploads, the way in, and what a file is by its content."""
