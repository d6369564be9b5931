"""What the API gives, beside what the machine could give: `scripts/bench`."""
