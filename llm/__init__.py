"""One door to every model: what is asked, who answers, what it cost, and what went wrong."""
