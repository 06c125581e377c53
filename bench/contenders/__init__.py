"""What a lab might build the same chat with instead: Chainlit and oTree, each in an environment of its own."""
