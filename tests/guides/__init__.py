"""The guides in docs/ say what is so: their labels stand on pages, their links lead somewhere, their examples run."""
