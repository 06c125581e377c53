"""One trainee's own report: reliable change, and what they felt beside what was seen."""
