"""Every contract: one frozen sample per version, one description, consumers that really consume."""
