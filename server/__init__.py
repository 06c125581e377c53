"""The running program: storage, study engine, live conversations, pages, jobs and the command line."""
