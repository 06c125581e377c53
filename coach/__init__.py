"""What helps a supporter improve: framework, feedback on the own words, follow-up questions, lessons."""
