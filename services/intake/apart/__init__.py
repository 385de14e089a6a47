"""Processes apart: what opens files runs in one of its own, bounded and told nothing, that can harm nobody."""
