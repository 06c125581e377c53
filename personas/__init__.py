"""The troubles, the people who have them, and the people who listen: persona bank, seeker, simulated supporters."""
