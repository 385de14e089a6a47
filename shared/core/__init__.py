"""What every other wing stands on: errors, ids, canonical JSON, people, settings, logs and traces."""
