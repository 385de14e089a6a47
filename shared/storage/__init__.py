"""One service's MongoDB database: the unit of work, documents, the audit chain, leases."""
