"""The embedded default: a private database, a private broker and all services, under `.local/`."""
