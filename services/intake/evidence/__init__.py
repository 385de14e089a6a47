"""Evidence: bytes that travel in by tus, kept once per SHA-256, possessed by the agencies that sent every byte."""
