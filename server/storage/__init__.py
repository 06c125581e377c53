"""What is kept: tables, the database behind them, and the writer of the log."""
