"""Keys, receipts and links: what is signed here can be checked without us."""
