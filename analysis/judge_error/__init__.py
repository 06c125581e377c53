"""Effects that carry the judge's error: its noise, its disagreement with other judges, its distance from people."""
