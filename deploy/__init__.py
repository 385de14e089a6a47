"""How Nilai is installed and run: images, the gateway, and the embedded default."""
