"""The services; each speaks to the others only in events."""
