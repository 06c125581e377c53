"""`python -m server`: the command line without the installed script."""

from server.cli import main

main()
