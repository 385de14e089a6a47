"""Rendering: draws pages of evidence and looks for text in them, in a process apart that can harm nobody.

What runs there (everything but `process`) imports nothing of ours but what it needs, so that it starts soon.
"""
