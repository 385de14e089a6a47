"""Inspection: libraries made for each kind of file open it, in a process of its own that can harm nobody."""
