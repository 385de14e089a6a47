"""Jobs: work outside of transactions that is tried again; their queue, their runner, fairness between groups."""
