"""For those who write an edition: lint, glossary, and how it reads."""
