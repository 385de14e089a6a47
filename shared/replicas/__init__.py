"""Each service's own copies of other services' data, kept by events."""
