"""Fine-tuning that is built in: classifiers on the frozen vectors of all-MiniLM-L6-v2."""
