"""The second experiment: do people prefer the conversations that the judge scores higher (LE-142 to LE-164)."""
