"""What other people's clients and tools make of our API; package.json names those that npm installs."""
