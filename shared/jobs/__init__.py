"""Work outside of transactions that is tried again: the queue of jobs, their runner, fairness between groups."""
