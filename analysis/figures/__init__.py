"""The figures of the report, each a function from frames and records to one drawing."""
