"""Drills: real processes are killed and servers stopped, and nothing may be lost or done twice."""
