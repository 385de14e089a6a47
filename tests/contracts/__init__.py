"""Every contract: one frozen sample per version, one description, hearers that really hear."""
