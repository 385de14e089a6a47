"""What tests of any service need: a stage of its own on the real database and broker."""
