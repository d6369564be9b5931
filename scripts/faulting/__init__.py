"""What the API promises, kept while servers and database are killed: `scripts/faults`."""
